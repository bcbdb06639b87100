import { public4 } from './addresses.ts';
import { image } from './images.ts';
import { systemLibrary } from './libraries.ts';
import type { Ground, Plant, PlantFacts } from './plant.ts';
import { startProcess } from './processes.ts';
import { SUSPICIOUS, suspect } from './suspect.ts';
import { MINUTE, SECOND } from './time.ts';

/** Quirks of telemetry that make findings, by the letter of the detection: each is reported, none is an implant. */
export function plantArtefacts(ground: Ground): Plant[] {
  return [
    reusedProcessId(ground),
    processesWithoutId(ground, null, {
      id: 'no-process-id',
      why: 'two processes whose ids the sensor lost: a null key equals a null key, so they are joined',
    }),
    processesWithoutId(ground, 0, {
      id: 'process-id-zero',
      why: 'two processes recorded under id 0, which stands for “unknown”: they are joined',
    }),
    withoutName(ground),
    withoutPort(ground),
    withoutBytes(ground),
    ...twoSpellings(ground),
  ];
}

function reusedProcessId(ground: Ground): Plant {
  const { plant, process, loaded } = suspect(
    ground,
    {
      id: 'reused-process-id',
      kind: 'artefact',
      category: 'process id reused within a minute',
      why: 'an installer ended and a file transfer client got its id 38 s later; InitiatingProcessCreationTime tells them apart, the join does not',
    },
    {
      image: image('C:\\ProgramData\\Package Cache\\vc_redist.x64.exe', {
        product: 'Runtime Setup',
        version: '14.40',
      }),
    },
  );
  const client = image('C:\\Program Files\\PuTTY\\psftp.exe', { product: 'PuTTY suite', version: '0.81' });
  const successor = startProcess(process.device, client, {
    id: process.id,
    account: process.device.owner,
    created: loaded + 38 * SECOND,
    arguments: '-P 2222 files.example.com',
  });
  const traffic = { ...SUSPICIOUS, remote: public4('192.0.2.40'), port: 2222, url: 'files.example.com' };
  plant.load(loaded, 'bcrypt.dll').loadIgnored(loaded + 39 * SECOND, systemLibrary('ws2_32.dll'), successor);
  return plant
    .connect(loaded + 41 * SECOND, traffic, successor)
    .connect(loaded + 3 * MINUTE, traffic, successor);
}

function processesWithoutId(
  ground: Ground,
  id: null | 0,
  { id: name, why }: Pick<PlantFacts, 'id' | 'why'>,
): Plant {
  const { plant, process, loaded } = suspect(
    ground,
    { id: name, kind: 'artefact', category: id === null ? 'null process id' : 'zero process id', why },
    { id },
  );
  const other = startProcess(
    process.device,
    image('C:\\Program Files\\Weather\\weather.exe', { product: 'Weather' }),
    {
      id,
      account: process.device.owner,
      created: loaded - 50 * MINUTE,
    },
  );
  const traffic = { ...SUSPICIOUS, remote: public4('192.0.2.41'), port: 8883 };
  return plant.load(loaded, 'cryptsp.dll').connect(loaded + 2 * MINUTE, traffic, other);
}

function withoutName(ground: Ground): Plant {
  const { plant, loaded } = suspect(
    ground,
    {
      id: 'no-process-name',
      kind: 'artefact',
      category: 'null process name',
      why: 'a name that is absent is in no list of exclusions, so the row is kept and the finding has an empty name',
    },
    { recordedName: null },
  );
  return plant.load(loaded, 'rsaenh.dll').connect(loaded + 30 * SECOND, SUSPICIOUS);
}

function withoutPort(ground: Ground): Plant {
  const { plant, loaded } = suspect(ground, {
    id: 'no-remote-port',
    kind: 'artefact',
    category: 'null remote port',
    why: 'a port that is absent is not among the standard ones, so the connection is kept; sets hold no nulls, so RemotePorts is empty',
  });
  return plant
    .load(loaded, 'bcrypt.dll')
    .connect(loaded + 45 * SECOND, { ...SUSPICIOUS, port: null, protocol: 'Icmp' });
}

function withoutBytes(ground: Ground): Plant {
  const { plant, loaded } = suspect(ground, {
    id: 'no-byte-counts',
    kind: 'artefact',
    category: 'null byte counts',
    why: 'no connection of the process has a byte count: the sum of nothing is 0',
  });
  const traffic = { ...SUSPICIOUS, sent: null, received: null };
  return plant
    .load(loaded, 'bcryptPrimitives.dll')
    .connect(loaded + SECOND, traffic)
    .connect(loaded + 7 * MINUTE, traffic);
}

/** One process whose name the sensor spelled in two ways: findings are grouped by the name's letters, so there are two. */
function twoSpellings(ground: Ground): Plant[] {
  const facts = {
    kind: 'artefact',
    category: 'two spellings of a name',
    why: 'the exclusions and library names fold case, the grouping does not: one process, two findings',
  } as const;
  const viewer = image('C:\\Program Files\\Reader\\Reader.exe', { product: 'Reader', version: '7.1' });
  const lower = suspect(
    ground,
    { ...facts, id: 'spelled-in-lower-case' },
    { image: viewer, recordedName: 'reader.exe' },
  );
  const upper = suspect(
    ground,
    { ...facts, id: 'spelled-in-upper-case' },
    {
      device: lower.process.device,
      image: viewer,
      id: lower.process.id,
      created: lower.process.created,
      recordedName: 'READER.EXE',
      loaded: lower.loaded + SECOND,
    },
  );
  lower.plant.load(lower.loaded, 'bcrypt.dll').connect(lower.loaded + MINUTE, SUSPICIOUS);
  upper.plant.load(upper.loaded, 'BCRYPT.DLL').credit(lower.loaded + MINUTE, SUSPICIOUS);
  return [lower.plant, upper.plant];
}
