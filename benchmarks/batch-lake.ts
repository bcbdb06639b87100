import { existsSync, linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LakeMade } from './lake.ts';
import { Session } from './project.ts';
import { type Sizes, sizeText } from './sizes.ts';

const DISTINCT = 8;

/**
 * A lake of many files, below `lakes`, where it is found again the next time. In each table 8 different files, each
 * under several names (hard links), so that the work of reading is that of as many files without their space on disk.
 * About one row in eighty is kept by the flagship.
 */
export async function batchLake(lakes: string, { files, rows }: Sizes['batch']): Promise<LakeMade> {
  const folder = join(lakes, `batch_files-${files}_rows-${rows}`);
  const session = await Session.open({ threads: 2 });
  try {
    const connection = await session.connect();
    for (const [table, select] of Object.entries(TABLES)) {
      mkdirSync(join(folder, table), { recursive: true });
      for (let file = 0; file < files / 2; file++) {
        const [path, original] = [file, file % DISTINCT].map((each) => join(folder, table, fileName(each)));
        if (existsSync(path!)) continue;
        if (path !== original) linkSync(original!, path!);
        else
          await connection.run(
            `COPY (${select(file, rows)}) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`,
          );
      }
    }
  } finally {
    await session.close();
  }
  return { folder, title: `${files} files of ${sizeText(rows)} rows`, rows: files * rows };
}

/** A file of that lake by its number. */
export function fileName(file: number): string {
  return `part-${String(file).padStart(4, '0')}.parquet`;
}

/** A number from 0 up to `below`, by row and purpose. */
const pick = (purpose: string, below: number) => `(hash(range, '${purpose}') % ${below})`;
/** One of the names, by how many of 1,000 rows have it; the last takes the rest. */
const share = (purpose: string, names: readonly (readonly [string, number])[]) => {
  let sum = 0;
  const cases = names.slice(0, -1).map(([name, each]) => {
    sum += each;
    return `WHEN ${pick(purpose, 1000)} < ${sum} THEN '${name}'`;
  });
  return `CASE ${cases.join(' ')} ELSE '${names.at(-1)![0]}' END`;
};
const time = (file: number, rows: number) =>
  `TIMESTAMP '2026-01-01' + INTERVAL ${file} DAY + to_microseconds((range * 86400000000) // ${rows})`;
const processes = share('process', [
  ['svchost.exe', 620],
  ['MsMpEng.exe', 130],
  ['chrome.exe', 60],
  ['msedge.exe', 50],
  ['backup-agent.exe', 60],
  ['teams.exe', 40],
  ['python.exe', 0],
]);

function loads(file: number, rows: number): string {
  return `
SELECT
  ${time(file, rows)} AS Timestamp,
  'dev-' || ${pick('device', 2000)} AS DeviceId,
  'ws-' || ${pick('device', 2000)} AS DeviceName,
  'ImageLoaded' AS ActionType,
  ${share('library', [
    ['bcrypt.dll', 40],
    ['rsaenh.dll', 30],
    ['cryptsp.dll', 20],
    ['kernelbase.dll', 400],
    ['ntdll.dll', 0],
  ])} AS FileName,
  range AS ReportId,
  ${pick('pid', 50)}::BIGINT * 4 AS InitiatingProcessId,
  ${processes} AS InitiatingProcessFileName,
  'C:\\Program Files\\' || ${pick('pid', 50)} || '\\run.exe --device ' || ${pick('device', 2000)} AS InitiatingProcessCommandLine,
  'user-' || ${pick('device', 2000)} AS InitiatingProcessAccountName,
  sha256(${pick('pid', 50)}::VARCHAR) AS InitiatingProcessSHA256
FROM range(${file * rows}, ${(file + 1) * rows})`;
}

function connections(file: number, rows: number): string {
  return `
SELECT
  ${time(file, rows)} AS Timestamp,
  'dev-' || ${pick('device', 2000)} AS DeviceId,
  'ws-' || ${pick('device', 2000)} AS DeviceName,
  ${share('action', [
    ['ConnectionSuccess', 750],
    ['ConnectionFailed', 0],
  ])} AS ActionType,
  '203.0.' || ${pick('address', 200)} || '.' || ${pick('host', 250)} AS RemoteIP,
  CASE WHEN ${pick('port', 1000)} < 985 THEN 443 ELSE 1024 + ${pick('odd', 5000)} END::INTEGER AS RemotePort,
  ${share('type', [
    ['Public', 700],
    ['Private', 0],
  ])} AS RemoteIPType,
  'https://example.net/' || ${pick('url', 100000)} AS RemoteUrl,
  range AS ReportId,
  ${pick('pid', 50)}::BIGINT * 4 AS InitiatingProcessId
FROM range(${file * rows}, ${(file + 1) * rows})`;
}

const TABLES = { DeviceImageLoadEvents: loads, DeviceNetworkEvents: connections };
