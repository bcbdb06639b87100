/**
 * What does a batch cost beside the plain hunt, and what does it cost to run it again?
 *
 *   npm run --silent bench:batch -- [--files 400] [--rows 3000000] [--dir DIR]
 *
 * The lake is synthetic: in each table 8 different files of `rows` rows, each under several names (hard links) until
 * there are `files` in all, so that the work of reading is that of as many files without their space on disk. About
 * one row in eighty is kept. Every run is one process's; the engine starts anew in each, the process does not.
 */
import { existsSync, linkSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import type { BatchJob, RunReport } from '../src/index.ts';
import { openLake, runBatch } from './project.ts';

const DISTINCT = 8;

/** Makes the lake, if it is not there yet. Gives its size in bytes, links counted as files. */
export async function makeLake(folder: string, files: number, rows: number): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  let bytes = 0;
  for (const [table, select] of Object.entries({
    DeviceImageLoadEvents: loads,
    DeviceNetworkEvents: connections,
  })) {
    mkdirSync(join(folder, table), { recursive: true });
    for (let file = 0; file < files / 2; file++) {
      const path = join(folder, table, `part-${String(file).padStart(4, '0')}.parquet`);
      const original = join(folder, table, `part-${String(file % DISTINCT).padStart(4, '0')}.parquet`);
      if (!existsSync(path)) {
        if (path !== original) linkSync(original, path);
        else
          await connection.run(
            `COPY (${select(file, rows)}) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`,
          );
      }
      bytes += statSync(path).size;
    }
  }
  connection.closeSync();
  instance.closeSync();
  return bytes;
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

async function plainHunt(lake: string, threads: number): Promise<number> {
  const opened = await openLake(lake, { threads });
  try {
    return (await opened.hunt('t1573.001')).rowCount;
  } finally {
    await opened.close();
  }
}

interface Timed<T> {
  readonly seconds: number;
  /** Seconds of all threads together: on a machine that others use as well, what the work itself costs. */
  readonly cpu: number;
  readonly value: T;
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<Timed<T>> {
  const [began, used] = [performance.now(), process.cpuUsage()];
  const value = await work();
  const { user, system } = process.cpuUsage(used);
  const [seconds, cpu] = [(performance.now() - began) / 1000, (user + system) / 1e6];
  console.log(`${what.padEnd(28)} ${seconds.toFixed(2).padStart(8)} s ${cpu.toFixed(2).padStart(8)} CPU s`);
  return { seconds, cpu, value };
}

/** Runs it all; ratios are to the first run, but for the first, which is to the plain hunt. */
export async function benchmark(folder: string, files: number, rows: number) {
  const threads = availableParallelism();
  const lake = join(folder, 'lake');
  const bytes = await makeLake(lake, files, rows);
  const work = join(folder, 'work');
  rmSync(work, { recursive: true, force: true });
  const job = (window: string): BatchJob => ({
    lake,
    work,
    limits: { threads },
    detections: [{ detection: 't1573.001', settings: [{ window }] }],
  });
  const again = (what: string, window = '15m') => timed<RunReport>(what, () => runBatch(job(window)));
  const hunt = await timed('plain hunt', () => plainHunt(lake, threads));
  const second = await timed('plain hunt once more', () => plainHunt(lake, threads));
  // What a hunt of gigabytes leaves to be freed must not be counted to a run of a quarter of a second.
  const first = await again('first run');
  const nothing = await again('nothing new');
  const late = join(lake, 'DeviceNetworkEvents/part-late.parquet');
  rmSync(late, { force: true });
  linkSync(join(lake, 'DeviceNetworkEvents/part-0003.parquet'), late);
  const one = await again('one new file');
  rmSync(late);
  const window = await again('another window', '30m');
  const runs = { hunt, huntAgain: second, first, nothing, one, window };
  const ratios = (unit: 'seconds' | 'cpu') => ({
    firstToHunt: first[unit] / Math.min(hunt[unit], second[unit]),
    nothing: nothing[unit] / first[unit],
    oneNewFile: one[unit] / first[unit],
    window: window[unit] / first[unit],
  });
  return {
    question: 'batch',
    files,
    rows: files * rows,
    lakeBytes: bytes,
    findings: hunt.value,
    seconds: Object.fromEntries(Object.entries(runs).map(([name, { seconds }]) => [name, seconds])),
    cpuSeconds: Object.fromEntries(Object.entries(runs).map(([name, { cpu }]) => [name, cpu])),
    ratios: ratios('seconds'),
    cpuRatios: ratios('cpu'),
    slicesToLake: first.value.diskBytes / bytes,
  };
}

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '400' },
    rows: { type: 'string', default: '3000000' },
    dir: { type: 'string', default: join(tmpdir(), 'merganser-bench-batch') },
  },
  args: process.argv.slice(2).filter((each) => each !== '--'),
  allowPositionals: true,
});
const result = await benchmark(values.dir, Number(values.files), Number(values.rows));
writeFileSync(join(values.dir, 'batch.json'), `${JSON.stringify(result, null, 2)}\n`);
const { ratios, cpuRatios, slicesToLake } = result;
console.log(JSON.stringify({ ratios, cpuRatios, slicesToLake }, null, 2));
