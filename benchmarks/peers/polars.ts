import { join } from 'node:path';
import type { Answer, NotInstalled, Task } from '../contender.ts';
import { defaultLists } from '../contenders/defaults.ts';
import { installed } from '../project.ts';
import { finish, type Summary } from './finish.ts';

/** Polars in this process (`nodejs-polars`), lazily over the same Parquet files. It knows no memory limit. */
export async function polars({ lake, threads }: Task): Promise<Answer | NotInstalled> {
  process.env.POLARS_MAX_THREADS = String(threads);
  const pl = await installed<Polars>('peers', 'nodejs-polars');
  if (pl === undefined) return { missing: 'nodejs-polars is not installed: see benchmarks/README.md' };
  const { loads, connections } = sides(pl, lake);
  const { col } = pl;
  const who = ['DeviceName', 'ProcessName', 'ProcessCmd', 'AccountName', 'ProcessSHA256'];
  const summarized = await loads
    .join(connections, { on: ['DeviceName', 'ProcessId'], how: 'inner', nullsEqual: true })
    .filter(
      col('ConnTime')
        .gtEq(col('LoadTime'))
        .and(col('ConnTime').ltEq(col('LoadTime').add(15 * 60_000_000))),
    )
    .groupBy(who)
    .agg(
      col('CryptoLib').unique().alias('libraries'),
      col('RemoteIP').unique().alias('addresses'),
      col('RemotePort').unique().alias('ports'),
      col('ConnTime').count().alias('pairs'),
      col('SentBytes').sum().alias('sent'),
      col('ReceivedBytes').sum().alias('received'),
      col('ConnTime').min().alias('first'),
      col('ConnTime').max().alias('last'),
    )
    .collect();
  return { rows: finish(summarized.toRecords().map(summary)) };
}

/** Both sides of the join, times in whole microseconds. */
function sides(pl: Polars, lake: string) {
  const { col } = pl;
  const scan = (table: string) =>
    pl.scanParquet(`${join(lake, table)}/**/*.parquet`, { hivePartitioning: false });
  const micros = col('Timestamp').cast(pl.Int64);
  const loads = scan('DeviceImageLoadEvents')
    .filter(col('FileName').str.toLowerCase().isIn(defaultLists.crypto_libraries))
    .filter(col('InitiatingProcessFileName').str.toLowerCase().isIn(defaultLists.excluded).not())
    .select(
      micros.alias('LoadTime'),
      col('DeviceName'),
      col('InitiatingProcessId').alias('ProcessId'),
      col('InitiatingProcessFileName').alias('ProcessName'),
      col('InitiatingProcessCommandLine').alias('ProcessCmd'),
      col('InitiatingProcessAccountName').alias('AccountName'),
      col('InitiatingProcessSHA256').alias('ProcessSHA256'),
      col('FileName').alias('CryptoLib'),
    );
  const connections = scan('DeviceNetworkEvents')
    .filter(col('ActionType').eq(pl.lit('ConnectionSuccess')))
    .filter(col('RemoteIPType').eq(pl.lit('Public')))
    .filter(col('RemotePort').isIn(defaultLists.standard_ports).not())
    .select(
      micros.alias('ConnTime'),
      col('DeviceName'),
      col('InitiatingProcessId').alias('ProcessId'),
      col('RemoteIP'),
      col('RemotePort'),
      col('SentBytes'),
      col('ReceivedBytes'),
    );
  return { loads, connections };
}

/** As much of Polars as is used here. */
interface Polars {
  readonly Int64: unknown;
  col(name: string): Expression;
  lit(value: unknown): Expression;
  scanParquet(source: string, options: { hivePartitioning: boolean }): Lazy;
}

type Combined = 'add' | 'and' | 'eq' | 'gtEq' | 'ltEq' | 'isIn' | 'cast' | 'alias';
type Plain = 'count' | 'max' | 'min' | 'not' | 'sum' | 'unique';

type Expression = Record<Combined, (other: unknown) => Expression> &
  Record<Plain, () => Expression> & { readonly str: { toLowerCase(): Expression } };

interface Lazy {
  filter(condition: Expression): Lazy;
  select(...columns: Expression[]): Lazy;
  join(other: Lazy, options: { on: string[]; how: 'inner'; nullsEqual: boolean }): Lazy;
  groupBy(columns: string[]): { agg(...columns: Expression[]): Lazy };
  collect(): Promise<{ toRecords(): Record<string, unknown>[] }>;
}

function summary(row: Record<string, unknown>): Summary {
  const text = (name: string) => row[name] as string;
  const number = (name: string) => Number(row[name]);
  return {
    who: [
      text('DeviceName'),
      text('ProcessName'),
      text('ProcessCmd'),
      text('AccountName'),
      text('ProcessSHA256'),
    ],
    libraries: [...(row.libraries as Iterable<string>)],
    addresses: [...(row.addresses as Iterable<string>)],
    ports: [...(row.ports as Iterable<number>)],
    pairs: number('pairs'),
    sent: number('sent'),
    received: number('received'),
    first: number('first'),
    last: number('last'),
  };
}
