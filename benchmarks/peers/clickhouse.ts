import { join } from 'node:path';
import type { Answer, NotInstalled, Task } from '../contender.ts';
import { defaults } from '../contenders/defaults.ts';
import { installed } from '../project.ts';
import { finish, type Summary } from './finish.ts';

/** ClickHouse's engine inside this process (`chdb`), over the same Parquet files. */
export async function clickhouse({ lake, memory, threads }: Task): Promise<Answer | NotInstalled> {
  const chdb = await installed<Chdb>('peers', 'chdb');
  if (chdb === undefined) return { missing: 'chdb is not installed: npm ci in benchmarks/peers' };
  const limits = memory === undefined ? '' : `, max_memory_usage = ${bytes(memory)}`;
  const result = await chdb.queryAsync(
    `${statement(lake)}\nSETTINGS max_threads = ${threads}${limits}, output_format_json_quote_64bit_integers = 0`,
    { format: 'JSONEachRow' },
  );
  const lines = result.text().split('\n');
  return { rows: finish(lines.filter((line) => line !== '').map((line) => summary(JSON.parse(line)))) };
}

interface Chdb {
  queryAsync(sql: string, options: { format: string }): Promise<{ text(): string }>;
}

function statement(lake: string): string {
  const files = (table: string) =>
    `file('${join(lake, table).replaceAll("'", "\\'")}/**/*.parquet', Parquet)`;
  return `
WITH loads AS (
  SELECT
    Timestamp AS LoadTime,
    DeviceName,
    InitiatingProcessId AS ProcessId,
    InitiatingProcessFileName AS ProcessName,
    InitiatingProcessCommandLine AS ProcessCmd,
    InitiatingProcessAccountName AS AccountName,
    InitiatingProcessSHA256 AS ProcessSHA256,
    FileName AS CryptoLib
  FROM ${files('DeviceImageLoadEvents')}
  WHERE lower(FileName) IN ${defaults.crypto_libraries}
    AND lower(InitiatingProcessFileName) NOT IN ${defaults.excluded}
),
connections AS (
  SELECT
    Timestamp AS ConnTime,
    DeviceName,
    InitiatingProcessId AS ProcessId,
    RemoteIP,
    RemotePort,
    SentBytes,
    ReceivedBytes
  FROM ${files('DeviceNetworkEvents')}
  WHERE ActionType = 'ConnectionSuccess'
    AND RemoteIPType = 'Public'
    AND RemotePort NOT IN ${defaults.standard_ports}
)
SELECT
  loads.DeviceName AS DeviceName,
  ProcessName,
  ProcessCmd,
  AccountName,
  ProcessSHA256,
  groupUniqArray(CryptoLib) AS libraries,
  groupUniqArray(RemoteIP) AS addresses,
  groupUniqArray(RemotePort) AS ports,
  count() AS pairs,
  coalesce(sum(SentBytes), 0) AS sent,
  coalesce(sum(ReceivedBytes), 0) AS received,
  toUnixTimestamp64Micro(min(assumeNotNull(ConnTime))) AS first,
  toUnixTimestamp64Micro(max(assumeNotNull(ConnTime))) AS last
FROM loads
INNER JOIN connections
  ON loads.DeviceName = connections.DeviceName
  AND loads.ProcessId <=> connections.ProcessId
WHERE ConnTime >= LoadTime
  AND ConnTime <= LoadTime + INTERVAL 15 MINUTE
GROUP BY DeviceName, ProcessName, ProcessCmd, AccountName, ProcessSHA256`;
}

interface Row extends Omit<Summary, 'who'> {
  readonly DeviceName: string;
  readonly ProcessName: string;
  readonly ProcessCmd: string;
  readonly AccountName: string;
  readonly ProcessSHA256: string;
}

function summary(row: Row): Summary {
  const { DeviceName, ProcessName, ProcessCmd, AccountName, ProcessSHA256, ...rest } = row;
  return { ...rest, who: [DeviceName, ProcessName, ProcessCmd, AccountName, ProcessSHA256] };
}

function bytes(memory: string): number {
  const [, number, unit] = /^(\d+)\s*([KMG])i?B$/i.exec(memory) ?? [];
  return Number(number) * 1000 ** ('KMG'.indexOf(unit!.toUpperCase()) + 1);
}
