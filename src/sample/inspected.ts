import { ADDRESSES } from './addresses.ts';
import type { Traffic } from './events.ts';
import type { Random } from './random.ts';

/** A kind of packet inspection: the ActionTypes of Defender's network protection, with what AdditionalFields says. */
export interface Inspection {
  readonly weight: number;
  traffic(random: Random): Traffic;
}

export const INSPECTED: readonly Inspection[] = [
  {
    weight: 6,
    traffic: (random) => ({
      action: 'DnsConnectionInspected',
      remote: unclassified('10.20.0.1'),
      port: 53,
      protocol: 'Udp',
      additional: {
        direction: 'Out',
        query: random.pick(NAMES),
        qtype_name: random.pick(['A', 'AAAA', 'HTTPS']),
        rcode_name: 'NOERROR',
      },
    }),
  },
  {
    weight: 5,
    traffic: (random) => ({
      action: 'SslConnectionInspected',
      remote: ADDRESSES.unclassified(random),
      port: random.chance(0.96) ? 443 : 8883,
      additional: {
        direction: 'Out',
        established: 'true',
        server_name: random.pick(NAMES),
        version: 'TLSv12',
      },
    }),
  },
  {
    weight: 3,
    traffic: (random) => ({
      action: 'HttpConnectionInspected',
      remote: ADDRESSES.unclassified(random),
      port: 80,
      additional: { direction: 'Out', host: random.pick(NAMES), method: 'GET', status_code: '200', uri: '/' },
    }),
  },
  {
    weight: 1,
    traffic: (random) => ({
      action: 'IcmpConnectionInspected',
      remote: ADDRESSES.unclassified(random),
      port: null,
      protocol: 'Icmp',
      additional: { direction: 'Out', conn_state: 'OTH' },
    }),
  },
  {
    weight: 1,
    traffic: (random) => ({
      action: 'NetworkSignatureInspected',
      remote: ADDRESSES.unclassified(random),
      port: 443,
      additional: { SignatureName: 'HTTPS_Client', SignatureMatchedContent: '%16%03' },
    }),
  },
  {
    weight: 0.3,
    traffic: (random) => ({
      action: 'SshConnectionInspected',
      remote: ADDRESSES.unclassified(random),
      port: 22,
      additional: { direction: 'Out', auth_success: 'true', client: 'SSH-2.0-OpenSSH_9.5' },
    }),
  },
  {
    weight: 0.2,
    traffic: (random) => ({
      action: 'FtpConnectionInspected',
      remote: ADDRESSES.unclassified(random),
      port: 21,
      additional: { direction: 'Out', command: 'RETR', user: 'anonymous' },
    }),
  },
  {
    weight: 0.2,
    traffic: (random) => ({
      action: 'SmtpConnectionInspected',
      remote: ADDRESSES.unclassified(random),
      port: 25,
      additional: { direction: 'Out', helo: 'relay.contoso.example' },
    }),
  },
  {
    weight: 0.2,
    traffic: (random) => ({
      action: 'InboundInternetScanInspected',
      remote: ADDRESSES.unclassified(random),
      port: random.between(49_152, 65_535),
      localPort: 3389,
      additional: { PublicScannedIp: '192.0.2.200', PublicScannedPort: 3389 },
    }),
  },
];

function unclassified(ip: string): Traffic['remote'] {
  return { ip, type: null };
}

const NAMES = [
  'api.example.com',
  'cdn-1.example.com',
  'login.example.com',
  'mail.example.com',
  'static.example.com',
  'telemetry.example.com',
  'updates.example.com',
  'www.example.com',
];
