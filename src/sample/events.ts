import type { Address } from './addresses.ts';
import type { Device } from './fleet.ts';
import type { Library } from './libraries.ts';
import type { ColumnValue, Process } from './processes.ts';
import type { Random } from './random.ts';
import type { Micros } from './time.ts';

/** A row of one of the two tables, on its way to the lake. */
export interface Event {
  readonly table: TableName;
  readonly at: Micros;
  readonly device: Device;
  /** The InitiatingProcess columns, shared by all events of a process; null where no process is known. */
  readonly initiator: Readonly<Record<string, ColumnValue>> | null;
  /** The other columns, by name; one that is absent is null. */
  readonly row: Readonly<Record<string, ColumnValue>>;
}

export type TableName = 'DeviceImageLoadEvents' | 'DeviceNetworkEvents';

/** A process loads a DLL. */
export function imageLoaded(process: Process, library: Library, at: Micros): Event {
  return {
    table: 'DeviceImageLoadEvents',
    at,
    device: process.device,
    initiator: process.columns,
    row: {
      Timestamp: at,
      DeviceId: process.device.id,
      DeviceName: process.device.name,
      ActionType: 'ImageLoaded',
      FileName: library.fileName,
      FolderPath: library.path,
      SHA1: library.sha1,
      SHA256: library.sha256,
      MD5: library.md5,
      FileSize: library.size,
    },
  };
}

/** What a network event says besides who and when. */
export interface Traffic {
  /** An ActionType of DeviceNetworkEvents; ConnectionSuccess when absent. */
  readonly action?: string;
  /** Null where nothing is on the other side: a listening socket. */
  readonly remote: Address | null;
  readonly port: number | null;
  readonly protocol?: string;
  readonly url?: string | null;
  /** The port on the device; an ephemeral one when absent. */
  readonly localPort?: number;
  readonly sent?: number | null;
  readonly received?: number | null;
  readonly additional?: Readonly<Record<string, unknown>>;
  /** What DeviceName says, where it is not spelled as elsewhere. */
  readonly deviceName?: string;
}

/** A network event of a process, or of the device where no process is known. */
export function networkEvent(
  { device, process }: { readonly device: Device; readonly process: Process | null },
  traffic: Traffic,
  at: Micros,
  random: Random,
): Event {
  const local = localAddress(device, traffic.remote);
  return {
    table: 'DeviceNetworkEvents',
    at,
    device,
    initiator: process?.columns ?? null,
    row: {
      Timestamp: at,
      DeviceId: device.id,
      DeviceName: traffic.deviceName ?? device.name,
      ActionType: traffic.action ?? 'ConnectionSuccess',
      RemoteIP: traffic.remote?.ip ?? null,
      RemotePort: traffic.port,
      RemoteUrl: traffic.url ?? null,
      LocalIP: local.ip,
      LocalPort: traffic.localPort ?? random.between(49_152, 65_535),
      Protocol: traffic.protocol ?? 'Tcp',
      LocalIPType: local.type,
      RemoteIPType: traffic.remote?.type ?? null,
      AdditionalFields: traffic.additional ? JSON.stringify(traffic.additional) : null,
      SentBytes: traffic.sent ?? null,
      ReceivedBytes: traffic.received ?? null,
    },
  };
}

/** The device's own end: of the same family and scope as the other. */
function localAddress(device: Device, remote: Address | null): Address {
  if (remote === null) return { ip: '0.0.0.0', type: null };
  if (remote.type === 'Loopback') return remote;
  if (!remote.ip.includes(':') || remote.type === 'FourToSixMapping') {
    return { ip: device.ip, type: 'Private' };
  }
  if (remote.type === 'LinkLocal' || remote.type === 'Reserved') {
    return { ip: device.linkLocal, type: 'LinkLocal' };
  }
  return { ip: `2001:db8:10::${(device.index + 16).toString(16)}`, type: 'Public' };
}
