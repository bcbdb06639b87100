import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Answer, NotInstalled, Task } from '../contender.ts';
import { defaults, list } from '../contenders/defaults.ts';
import { parquetBelow } from '../contenders/floor.ts';
import { runElsewhere } from '../elsewhere.ts';
import { Session } from '../project.ts';
import { finish, type Summary } from './finish.ts';

/**
 * SQLite's shell. It reads no Parquet, so the columns that the hunt needs go through CSV into a database first; its
 * time is all of that, and `parts` tells the three steps apart.
 */
export async function sqlite({ lake, temp, threads }: Task): Promise<Answer | NotInstalled> {
  if (!(await hasShell())) return { missing: 'sqlite3 is not installed: apt-get install sqlite3' };
  const folder = await mkdtemp(join(temp, 'sqlite-'));
  try {
    const start = performance.now();
    await exportCsv(lake, folder, threads);
    const exported = performance.now();
    const imported = await runElsewhere('sqlite3', [join(folder, 'lake.db')], importScript(folder));
    const loaded = performance.now();
    const queried = await runElsewhere('sqlite3', [join(folder, 'lake.db')], QUERY);
    const done = performance.now();
    return {
      rows: finish(queried.stdout.split('\n').filter(Boolean).map(summary)),
      parts: { export: exported - start, import: loaded - exported, query: done - loaded },
      elsewhere: { cpu: imported.cpu + queried.cpu, memory: Math.max(imported.memory, queried.memory) },
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function hasShell(): Promise<boolean> {
  try {
    await runElsewhere('sqlite3', ['--version']);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Times as microseconds, which SQLite compares as numbers. */
const COLUMNS = {
  DeviceImageLoadEvents:
    'epoch_us(Timestamp), DeviceName, FileName, InitiatingProcessId, InitiatingProcessFileName, InitiatingProcessCommandLine, InitiatingProcessAccountName, InitiatingProcessSHA256',
  DeviceNetworkEvents:
    'epoch_us(Timestamp), DeviceName, InitiatingProcessId, ActionType, RemoteIPType, RemoteIP, RemotePort, SentBytes, ReceivedBytes',
} as const;

async function exportCsv(lake: string, folder: string, threads: number): Promise<void> {
  const session = await Session.open({ threads });
  try {
    const connection = await session.connect();
    for (const [table, columns] of Object.entries(COLUMNS)) {
      const files = list(await parquetBelow(join(lake, table)));
      const csv = join(folder, `${table}.csv`).replaceAll("'", "''");
      await connection.run(
        `COPY (SELECT ${columns} FROM read_parquet(${files})) TO '${csv}' (FORMAT csv, HEADER false)`,
      );
    }
  } finally {
    await session.close();
  }
}

function importScript(folder: string): string {
  return `
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE loads (
  LoadTime INTEGER, DeviceName TEXT, CryptoLib TEXT, ProcessId INTEGER, ProcessName TEXT, ProcessCmd TEXT,
  AccountName TEXT, ProcessSHA256 TEXT
);
CREATE TABLE connections (
  ConnTime INTEGER, DeviceName TEXT, ProcessId INTEGER, ActionType TEXT, RemoteIPType TEXT, RemoteIP TEXT,
  RemotePort INTEGER, SentBytes INTEGER, ReceivedBytes INTEGER
);
.mode csv
.import '${join(folder, 'DeviceImageLoadEvents.csv')}' loads
.import '${join(folder, 'DeviceNetworkEvents.csv')}' connections
-- CSV has no null: an empty field of a number is text.
UPDATE loads SET ProcessId = NULL WHERE ProcessId = '';
UPDATE connections SET ProcessId = NULL WHERE ProcessId = '';
CREATE INDEX suspicious ON connections (DeviceName, ProcessId, ConnTime)
  WHERE ActionType = 'ConnectionSuccess' AND RemoteIPType = 'Public';
`;
}

const QUERY = `
SELECT json_array(
  json_array(loads.DeviceName, ProcessName, ProcessCmd, AccountName, ProcessSHA256),
  json_group_array(DISTINCT CryptoLib),
  json_group_array(DISTINCT RemoteIP),
  json_group_array(DISTINCT RemotePort),
  count(*),
  sum(CASE WHEN SentBytes <> '' THEN SentBytes ELSE 0 END),
  sum(CASE WHEN ReceivedBytes <> '' THEN ReceivedBytes ELSE 0 END),
  min(ConnTime),
  max(ConnTime)
)
FROM loads
JOIN connections INDEXED BY suspicious
  ON connections.DeviceName = loads.DeviceName
  AND connections.ProcessId IS loads.ProcessId
  AND ConnTime BETWEEN LoadTime AND LoadTime + 900000000
WHERE lower(CryptoLib) IN ${defaults.crypto_libraries}
  AND lower(ProcessName) NOT IN ${defaults.excluded}
  AND ActionType = 'ConnectionSuccess'
  AND RemoteIPType = 'Public'
  AND RemotePort NOT IN ${defaults.standard_ports}
GROUP BY loads.DeviceName, ProcessName, ProcessCmd, AccountName, ProcessSHA256;
`;

type Row = [Summary['who'], string[], string[], number[], number, number, number, number, number];

function summary(line: string): Summary {
  const [who, libraries, addresses, ports, pairs, sent, received, first, last] = JSON.parse(line) as Row;
  return { who, libraries, addresses, ports, pairs, sent, received, first, last };
}
