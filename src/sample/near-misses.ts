import { type Address, public4 } from './addresses.ts';
import type { Traffic } from './events.ts';
import { SYSTEM } from './fleet.ts';
import { IMAGES, image } from './images.ts';
import { systemLibrary } from './libraries.ts';
import type { Ground, Plant, PlantFacts } from './plant.ts';
import { startProcess } from './processes.ts';
import { SUSPICIOUS, type Suspect, type SuspectFacts, suspect, WINDOW } from './suspect.ts';
import { MINUTE, SECOND } from './time.ts';

/** Processes that have everything of a finding but one thing, and so must not be found. */
export function plantNearMisses(ground: Ground): Plant[] {
  return [
    ...WRONG_TRAFFIC.map((miss) => wrongTraffic(ground, miss)),
    ...EXCLUDED.map((miss) => excluded(ground, miss)),
    tooLate(ground),
    tooEarly(ground),
    otherProcessId(ground),
    otherDevice(ground),
    otherSpellingOfDevice(ground),
    otherLibraries(ground),
  ];
}

interface WrongTraffic {
  readonly id: string;
  readonly why: string;
  readonly traffic: readonly Partial<Traffic>[];
}

const WRONG_TRAFFIC: readonly WrongTraffic[] = [
  { id: 'port-443', why: 'port 443 is a standard port', traffic: [{ port: 443 }] },
  {
    id: 'standard-ports',
    why: 'every port that it uses is on the standard list',
    traffic: [80, 443, 8080, 8443, 53, 22, 21, 20, 25, 587, 465, 993, 995, 110, 143, 3389].map((port) => ({
      port,
    })),
  },
  {
    id: 'private-address',
    why: 'both addresses are private, one IPv4 and one IPv6',
    traffic: [to('10.20.3.77', 'Private'), to('fd00:10:20::77', 'Private')],
  },
  {
    id: 'other-address-types',
    why: 'no address is of type Public',
    traffic: [
      to('127.0.0.1', 'Loopback'),
      to('fe80::77', 'LinkLocal'),
      to('2001:0:c000:22d:1234:5678:3f57:fe4d', 'Teredo'),
      to('::ffff:198.51.100.77', 'FourToSixMapping'),
      to('239.255.255.250', 'Reserved'),
      to('255.255.255.255', 'Broadcast'),
    ],
  },
  {
    id: 'no-address-type',
    why: 'the address is public, but the sensor did not say so: RemoteIPType is null',
    traffic: [{ ...to('198.51.100.77', null), protocol: 'TcpV4' }],
  },
  { id: 'connection-failed', why: 'the connection failed', traffic: [{ action: 'ConnectionFailed' }] },
  {
    id: 'not-yet-a-connection',
    why: 'attempts, requests and handshakes are not ConnectionSuccess',
    traffic: [
      { action: 'ConnectionAttempt' },
      { action: 'ConnectionRequest' },
      { action: 'ConnectionAcknowledged' },
    ],
  },
  {
    id: 'inbound-connection',
    why: 'the other side opened the connection',
    traffic: [{ action: 'InboundConnectionAccepted', port: 50_123, localPort: 4444 }],
  },
  {
    id: 'aggregated-report',
    why: 'an aggregated report stands for many connections, yet is not a ConnectionSuccess row',
    traffic: [{ action: 'ConnectionSuccessAggregatedReport', additional: { uniqueEventsAggregated: 57 } }],
  },
];

function to(ip: string, type: Address['type']): Partial<Traffic> {
  return { remote: { ip, type } };
}

function wrongTraffic(ground: Ground, { id, why, traffic }: WrongTraffic): Plant {
  const { plant, loaded } = nearMiss(ground, id, why);
  plant.loadIgnored(loaded, systemLibrary('bcrypt.dll'));
  traffic.forEach((change, order) => {
    plant.connectIgnored(loaded + (20 + order * 20) * SECOND, { ...SUSPICIOUS, ...change });
  });
  return plant;
}

type Excluded = Pick<PlantFacts, 'id' | 'why'> & Pick<SuspectFacts, 'image' | 'recordedName' | 'account'>;

const EXCLUDED: readonly Excluded[] = [
  { id: 'excluded-process', why: 'svchost.exe is excluded', image: IMAGES.svchost, account: SYSTEM },
  {
    id: 'excluded-process-other-case',
    why: 'MSMPENG.EXE is excluded, since the exclusions fold case',
    image: IMAGES.msMpEng,
    recordedName: 'MSMPENG.EXE',
    account: SYSTEM,
  },
  { id: 'excluded-browser', why: 'chrome.exe is an excluded browser', image: IMAGES.chrome },
  {
    id: 'excluded-browser-other-case',
    why: 'Firefox.EXE is an excluded browser, since the exclusions fold case',
    image: IMAGES.firefox,
    recordedName: 'Firefox.EXE',
  },
];

function excluded(ground: Ground, { id, why, ...given }: Excluded): Plant {
  const { plant, loaded } = nearMiss(ground, id, why, given);
  return plant
    .loadIgnored(loaded, systemLibrary('bcrypt.dll'))
    .loadIgnored(loaded + 12_000, systemLibrary('RSAENH.dll'))
    .connectIgnored(loaded + 20 * SECOND, SUSPICIOUS);
}

function tooLate(ground: Ground): Plant {
  const why = 'the connection comes 15 minutes and one microsecond after the load';
  const { plant, loaded } = nearMiss(ground, 'one-microsecond-late', why);
  return plant
    .loadIgnored(loaded, systemLibrary('bcrypt.dll'))
    .connectIgnored(loaded + WINDOW + 1, SUSPICIOUS);
}

function tooEarly(ground: Ground): Plant {
  const why = 'the connection comes one microsecond before the load';
  const { plant, loaded } = nearMiss(ground, 'one-microsecond-early', why);
  return plant.loadIgnored(loaded, systemLibrary('bcrypt.dll')).connectIgnored(loaded - 1, SUSPICIOUS);
}

function otherProcessId(ground: Ground): Plant {
  const why = 'the connection belongs to another process id, though all else of the process is the same';
  const { plant, process, loaded } = nearMiss(ground, 'other-process-id', why);
  const twin = { ...process, id: ground.processId() };
  const columns = { ...process.columns, InitiatingProcessId: twin.id };
  return plant
    .loadIgnored(loaded, systemLibrary('bcrypt.dll'))
    .connectIgnored(loaded + MINUTE, SUSPICIOUS, { ...twin, columns });
}

function otherDevice(ground: Ground): Plant {
  const why = 'the connection has the same process id, but on another device';
  const { plant, process, loaded } = nearMiss(ground, 'other-device', why);
  const device = ground.otherThan(process.device);
  const twin = startProcess(device, image('C:\\Program Files\\Notes\\notes.exe', { product: 'Notes' }), {
    id: process.id,
    account: device.owner,
    created: loaded - MINUTE,
  });
  return plant
    .loadIgnored(loaded, systemLibrary('bcrypt.dll'))
    .connectIgnored(loaded + MINUTE, SUSPICIOUS, twin);
}

function otherSpellingOfDevice(ground: Ground): Plant {
  const why = 'the two tables spell the device’s name differently, and keys are compared letter by letter';
  const { plant, process, loaded } = nearMiss(ground, 'device-name-in-upper-case', why);
  return plant
    .loadByProcess(loaded, 'bcrypt.dll')
    .connectByProcess(loaded + MINUTE, { ...SUSPICIOUS, deviceName: process.device.name.toUpperCase() });
}

function otherLibraries(ground: Ground): Plant {
  const why = 'no library that it loads is on the list, however alike the names are';
  const { plant, loaded } = nearMiss(ground, 'other-libraries', why);
  const names = [
    'crypt32.dll',
    'cryptbase.dll',
    'ncryptsslp.dll',
    'WinHTTP.dll',
    'bcrypt.dll.mui',
    'xbcrypt.dll',
    'dpapi.dll',
  ];
  names.forEach((name, order) => {
    plant.loadIgnored(loaded + order * 9_000, systemLibrary(name));
  });
  return plant.connectIgnored(loaded + MINUTE, { ...SUSPICIOUS, remote: public4('203.0.113.78') });
}

function nearMiss(ground: Ground, id: string, why: string, given?: SuspectFacts): Suspect {
  return suspect(ground, { id, kind: 'near-miss', category: 'near miss', why }, given);
}
