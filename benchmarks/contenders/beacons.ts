import { join } from 'node:path';
import type { Answer, Task } from '../contender.ts';
import { openLake, Session } from '../project.ts';
import { list } from './defaults.ts';
import { parquetBelow } from './floor.ts';

/** The analysis as a user of the library has it, with its defaults. */
export async function beacons({ lake: folder, memory, threads, temp }: Task): Promise<Answer> {
  await using lake = await openLake(folder, { memory, threads, temp });
  const hits = await lake.beacons();
  return { rows: await hits.rows() };
}

/** One scan of the columns that the analysis reads, under its filters. */
export async function scan({ lake, memory, threads, temp }: Task): Promise<Answer> {
  const session = await Session.open({ memory, threads, temp });
  try {
    const connection = await session.connect();
    const files = list(await parquetBelow(join(lake, 'DeviceNetworkEvents')));
    const reader = await connection.runAndReadAll(SCAN.replace('$files', files));
    return { rows: [Number(reader.getRows()[0]![0])] };
  } finally {
    await session.close();
  }
}

const SCAN = `
SELECT
  count(*),
  max(Timestamp),
  max(DeviceName),
  max(DeviceId),
  max(RemoteIP),
  max(RemotePort),
  max(RemoteUrl),
  max(InitiatingProcessId),
  max(InitiatingProcessCreationTime),
  max(InitiatingProcessFileName),
  max(InitiatingProcessAccountName),
  max(SentBytes)
FROM read_parquet($files)
WHERE ActionType IN ['ConnectionSuccess']
  AND RemoteIPType NOT IN ['Loopback']
  AND Timestamp >= TIMESTAMP '2000-01-01'
  AND Timestamp < TIMESTAMP '2090-01-01'`;
