import { public4 } from '../addresses.ts';
import type { Beacon, Server } from '../beacon.ts';
import { type Image, image } from '../images.ts';

/** Honest software, described by where it differs from {@link MODEST}. */
export type Decoy = Omit<Beacon, 'kind' | keyof typeof MODEST> & Partial<Beacon>;

/** How most of it behaves. */
export const MODEST = {
  libraries: ['bcrypt.dll', 'bcryptprimitives.dll'],
  runsOn: 'workstation',
  runsAs: 'user',
  sleep: 240,
  jitter: 0.3,
  lasts: 40,
  sent: [300, 4_000],
  received: [500, 40_000],
} as const satisfies Partial<Beacon>;

/** A program and its command line: the quoted path, then the rest. */
export function program(
  path: string,
  product: string,
  version: string,
  rest?: string,
): { image: Image; commandLine: string } {
  return {
    image: image(path, { product, version }),
    commandLine: `"${path}"${rest === undefined ? '' : ` ${rest}`}`,
  };
}

/** Servers of honest software, in addresses that nothing else of the lake uses. */
export function server(host: number, port: number, url?: string, protocol = 'Tcp'): Server {
  return { address: public4(`192.0.2.${host}`), port, protocol, ...(url === undefined ? {} : { url }) };
}
