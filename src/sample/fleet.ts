import { createHash } from 'node:crypto';
import { Random } from './random.ts';
import { HOUR, type Micros } from './time.ts';

/** A machine of the sample's invented company, and who works at it. */
export interface Device {
  readonly index: number;
  /** Fully qualified, as Defender writes DeviceName. */
  readonly name: string;
  /** 40 hexadecimal digits, as Defender writes DeviceId. */
  readonly id: string;
  readonly role: Role;
  readonly ip: string;
  readonly linkLocal: string;
  readonly owner: Account;
  /** Before the lake begins; nothing reboots. */
  readonly booted: Micros;
}

export type Role = 'workstation' | 'developer' | 'server' | 'domain controller';

/** Who runs a process, as the InitiatingProcessAccount columns say. */
export interface Account {
  readonly domain: string;
  readonly name: string;
  readonly sid: string;
  readonly upn: string | null;
  readonly objectId: string | null;
}

export const SYSTEM: Account = builtIn('system', 'S-1-5-18');
export const LOCAL_SERVICE: Account = builtIn('local service', 'S-1-5-19');
export const NETWORK_SERVICE: Account = builtIn('network service', 'S-1-5-20');

/** The devices of the lake: one domain controller, a few servers and developers, the rest workstations. */
export function makeFleet(seed: string, count: number, start: Micros): Device[] {
  const random = new Random(seed, 'fleet');
  const numbers: Record<string, number> = {};
  return Array.from({ length: count }, (_, index) => {
    const role = roleOf(index);
    const prefix = PREFIXES[role];
    const number = (numbers[prefix] ?? 0) + 1;
    numbers[prefix] = number;
    const name = `${prefix}-${String(number).padStart(3, '0')}.contoso.example`;
    return {
      index,
      name,
      id: createHash('sha1').update(`${seed}/${name}`).digest('hex'),
      role,
      ip: `10.${20 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
      linkLocal: `fe80::${hexadecimal(random)}:${hexadecimal(random)}:${hexadecimal(random)}:${hexadecimal(random)}`,
      owner:
        role === 'server' || role === 'domain controller' ? administrator(seed, index) : person(seed, index),
      booted: start - random.between(20 * HOUR, 400 * HOUR),
    };
  });
}

const PREFIXES: Readonly<Record<Role, string>> = {
  workstation: 'ws',
  developer: 'dev',
  server: 'srv',
  'domain controller': 'dc',
};

function roleOf(index: number): Role {
  if (index % 40 === 1) return 'domain controller';
  if (index % 8 === 5) return 'server';
  return index % 8 === 2 ? 'developer' : 'workstation';
}

const INITIALS = [...'abcdefghijklmnoprstvw'];
const SURNAMES =
  'archer baker barber brewer butler carter chandler cook cooper doe draper fisher fletcher fuller gardener hunter mason miller page porter potter roe sawyer shepherd skinner smith tanner taylor tyler walker ward weaver webster wheeler wright'.split(
    ' ',
  );

/** 21 initials and 35 surnames pair up in 105 ways before they repeat; a shift of one gives the next 105, seven times. */
function person(seed: string, index: number): Account {
  const initial = INITIALS[index % INITIALS.length];
  const surname = SURNAMES[(index * 11 + Math.floor(index / 105)) % SURNAMES.length];
  const turn = Math.floor(index / (INITIALS.length * SURNAMES.length));
  return domainAccount(seed, `${initial}.${surname}${turn === 0 ? '' : turn + 1}`, 1100 + index);
}

function administrator(seed: string, index: number): Account {
  return domainAccount(seed, `adm-${String(index).padStart(3, '0')}`, 90_000 + index);
}

/** An account of the sample's domain. Service accounts get a relative id from their name. */
export function domainAccount(seed: string, name: string, relativeId?: number): Account {
  const digest = createHash('sha1').update(`${seed}/account/${name}`).digest('hex');
  const rid = relativeId ?? 60_000 + (Number.parseInt(digest.slice(32), 16) % 20_000);
  return {
    domain: 'contoso',
    name,
    sid: `S-1-5-21-1004336348-1177238915-682003330-${rid}`,
    upn: `${name}@contoso.example`,
    objectId: [
      digest.slice(0, 8),
      digest.slice(8, 12),
      `4${digest.slice(13, 16)}`,
      `a${digest.slice(17, 20)}`,
      digest.slice(20, 32),
    ].join('-'),
  };
}

function builtIn(name: string, sid: string): Account {
  return { domain: 'nt authority', name, sid, upn: null, objectId: null };
}

function hexadecimal(random: Random): string {
  return random.between(0x1000, 0xffff).toString(16);
}
