import { type Account, type Device, LOCAL_SERVICE, NETWORK_SERVICE, SYSTEM } from './fleet.ts';
import type { Image } from './images.ts';
import type { Micros } from './time.ts';

/** A running process, and what every event it initiates says about it. */
export interface Process {
  readonly device: Device;
  /** Null where the sensor lost it, 0 where it never knew one. */
  readonly id: number | null;
  readonly created: Micros;
  /** The InitiatingProcess columns, by name; times in microseconds. */
  readonly columns: Readonly<Record<string, ColumnValue>>;
}

/** A value of a column that is not yet in the engine's form. */
export type ColumnValue = string | number | boolean | null;

export interface ProcessFacts {
  readonly id: number | null;
  readonly account: Account;
  readonly created: Micros;
  /** After the quoted path; the whole line where `commandLine` is given. */
  readonly arguments?: string;
  readonly commandLine?: string;
  /** How the records spell the file's name, where that is not how the file is called. */
  readonly recordedName?: string | null;
  /** False where the sensor did not hash the file. */
  readonly hashed?: boolean;
  readonly parent?: Parent;
  /** Where the user sits when the session is a remote desktop. */
  readonly remoteSession?: { readonly device: string; readonly ip: string };
}

export interface Parent {
  readonly fileName: string;
  readonly id: number;
  readonly created: Micros;
}

/** Starts an image on a device. */
export function startProcess(device: Device, image: Image, facts: ProcessFacts): Process {
  return {
    device,
    id: facts.id,
    created: facts.created,
    columns: {
      ...accountColumns(facts.account),
      ...imageColumns(image, facts),
      InitiatingProcessId: facts.id,
      InitiatingProcessCommandLine: commandLine(image, facts),
      InitiatingProcessCreationTime: facts.created,
      InitiatingProcessParentFileName: (facts.parent ?? servicesOf(device)).fileName,
      InitiatingProcessParentId: (facts.parent ?? servicesOf(device)).id,
      InitiatingProcessParentCreationTime: (facts.parent ?? servicesOf(device)).created,
      ...sessionColumns(facts),
    },
  };
}

/**
 * Process ids are four times a number under 2^14, as Windows gives them. The id of a slot is the same on every
 * device and no other slot has it, so whoever hands out slots knows exactly which processes share an id.
 */
export function processId(slot: number): number {
  const PRIME = 16_381;
  if (slot < 0 || slot >= PRIME) throw new RangeError(`no process slot ${slot}`);
  return 4 * (1 + ((slot * 7_919 + 211) % PRIME));
}

function servicesOf(device: Device): Parent {
  return { fileName: 'services.exe', id: 724, created: device.booted + 3_412_907 };
}

function commandLine(image: Image, facts: ProcessFacts): string {
  if (facts.commandLine !== undefined) return pathFor(facts.commandLine, facts.account);
  const path = `"${pathFor(image.path, facts.account)}"`;
  return facts.arguments === undefined ? path : `${path} ${pathFor(facts.arguments, facts.account)}`;
}

/** The text with its `{user}` filled in. */
function pathFor(path: string, account: Account): string {
  return path.replaceAll('{user}', account.name);
}

function accountColumns(account: Account): Record<string, ColumnValue> {
  return {
    InitiatingProcessAccountDomain: account.domain,
    InitiatingProcessAccountName: account.name,
    InitiatingProcessAccountSid: account.sid,
    InitiatingProcessAccountUpn: account.upn,
    InitiatingProcessAccountObjectId: account.objectId,
  };
}

function imageColumns(image: Image, facts: ProcessFacts): Record<string, ColumnValue> {
  const hashed = facts.hashed ?? true;
  return {
    InitiatingProcessSHA1: image.sha1,
    InitiatingProcessSHA256: hashed ? image.sha256 : null,
    InitiatingProcessMD5: hashed ? image.md5 : null,
    InitiatingProcessFileName: facts.recordedName === undefined ? image.fileName : facts.recordedName,
    InitiatingProcessFileSize: image.size,
    InitiatingProcessFolderPath: pathFor(image.path, facts.account).toLowerCase(),
    InitiatingProcessVersionInfoCompanyName: image.company,
    InitiatingProcessVersionInfoProductName: image.product,
    InitiatingProcessVersionInfoProductVersion: image.version,
    InitiatingProcessVersionInfoInternalFileName: image.product && image.fileName.replace(/\.exe$/i, ''),
    InitiatingProcessVersionInfoOriginalFileName: image.product && image.fileName,
    InitiatingProcessVersionInfoFileDescription: image.description,
  };
}

/** Services run in session 0 with full rights; people in session 1, their elevated tools in the same one. */
function sessionColumns({ account, remoteSession }: ProcessFacts): Record<string, ColumnValue> {
  const service = account === SYSTEM || account === LOCAL_SERVICE || account === NETWORK_SERVICE;
  return {
    InitiatingProcessIntegrityLevel: service ? 'System' : 'Medium',
    InitiatingProcessTokenElevation: service ? 'TokenElevationTypeDefault' : 'TokenElevationTypeLimited',
    InitiatingProcessSessionId: service ? 0 : remoteSession ? 3 : 1,
    IsInitiatingProcessRemoteSession: remoteSession !== undefined,
    InitiatingProcessRemoteSessionDeviceName: remoteSession?.device ?? null,
    InitiatingProcessRemoteSessionIP: remoteSession?.ip ?? null,
  };
}
