import {
  type DuckDBConnection,
  DuckDBInstance,
  DuckDBListValue,
  type DuckDBPreparedStatement,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { macroText } from '../../src/dialect/duckdb/macro-text.ts';
import { findDetection } from '../../src/hunt/detection/find-detections.ts';
import { detectionVariant } from '../../src/hunt/detection/variants.ts';
import { bindParameters, resolveParameters } from '../../src/hunt/parameters.ts';
import { usedIn } from '../../src/hunt/values.ts';
import { contractOf } from '../../src/lake/tables/contract.ts';
import { tableView } from '../../src/lake/view.ts';
import type { Connection, Finding, Load, Parameters } from '../oracle/t1573_001.ts';

/**
 * The flagship's own statement over the lake's own views, with rows put straight under them: fast enough for
 * thousands of lakes. What lies between files and views is tested elsewhere.
 */
export class Statement {
  readonly #connection: DuckDBConnection;
  readonly #detection = findDetection('t1573.001');
  readonly #sql: string;
  #prepared: DuckDBPreparedStatement | undefined;

  private constructor(connection: DuckDBConnection, variant: string | undefined) {
    this.#connection = connection;
    this.#sql = variant === undefined ? this.#detection.sql : detectionVariant(this.#detection, variant);
  }

  static async open(variant?: string): Promise<Statement> {
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    await connection.run("SET TimeZone = 'UTC'");
    for (const [table, columns] of Object.entries(RAW)) {
      const ddl = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
      await connection.run(`CREATE TABLE raw_${table} (${ddl.join(', ')})`);
      const group = {
        files: [{ path: `${table}.parquet`, key: '', format: 'parquet', compression: 'none' }] as const,
        shape: 'defender-xdr',
        relation: `raw_${table}`,
        columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
        text: false,
      };
      const { sql } = tableView({ table, contract: contractOf(table), groups: [group], bounds: {} });
      await connection.run(`CREATE VIEW ${table} AS ${sql}`);
    }
    const statement = new Statement(connection, variant);
    for (const macro of statement.#detection.macros) await connection.run(macroText(macro));
    return statement;
  }

  async findings(
    loads: readonly Load[],
    connections: readonly Connection[],
    { after, tolerance = 0n, ...parameters }: Parameters,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Finding[]> {
    await this.#fill('DeviceImageLoadEvents', loads);
    await this.#fill('DeviceNetworkEvents', connections);
    const instant = (micros: bigint) =>
      new Date(Number(micros / 1000n))
        .toISOString()
        .replace('Z', `${String(micros % 1000n).padStart(3, '0')}Z`);
    const settings = {
      ...parameters,
      ...more,
      window: `${parameters.window}microseconds`,
      tolerance: `${tolerance}microseconds`,
      since: parameters.since === undefined ? undefined : instant(parameters.since),
      until: parameters.until === undefined ? undefined : instant(parameters.until),
      ...(after === undefined ? {} : { now: instant(after + 3_600_000_000n), lookback: '1h' }),
    };
    const values = resolveParameters(this.#detection.parameters, [settings]);
    const recorded = { sent_bytes_recorded: true, received_bytes_recorded: true };
    const sql = this.#sql;
    const { values: bound, types } = usedIn(
      sql,
      bindParameters(this.#detection.parameters, values, recorded),
    );
    this.#prepared ??= await this.#connection.prepare(sql);
    this.#prepared.bind(bound, types);
    return (await (await this.#prepared.run()).getRowObjects()).map(finding);
  }

  /** The rows of another statement over the same tables, as they now are; `macros` are made first. */
  async query(sql: string, macros: readonly string[]): Promise<Record<string, DuckDBValue>[]> {
    for (const macro of macros) await this.#connection.run(macro);
    return (await this.#connection.run(sql)).getRowObjects();
  }

  async #fill(table: keyof typeof RAW, rows: readonly object[]): Promise<void> {
    const columns = Object.entries(RAW[table]);
    const shape = Object.fromEntries(
      columns.map(([name, type]) => [name, type === 'TIMESTAMP' ? 'BIGINT' : type]),
    );
    const outputs = columns.map(([name, type]) =>
      type === 'TIMESTAMP' ? `make_timestamp(r.${name})` : `r.${name}`,
    );
    const text = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
    if (!Object.values(rows).every((row) => safe(row))) throw new Error('a bigint that JSON cannot carry');
    await this.#connection.run(`DELETE FROM raw_${table}`);
    await this.#connection.run(
      `INSERT INTO raw_${table} SELECT ${outputs.join(', ')} FROM (SELECT unnest(from_json($rows, $shape)) AS r)`,
      { rows: text, shape: JSON.stringify([shape]) },
    );
  }
}

const safe = (row: object) =>
  Object.values(row).every((value) => typeof value !== 'bigint' || BigInt(Number(value)) === value);

const RAW = {
  DeviceImageLoadEvents: {
    Timestamp: 'TIMESTAMP',
    DeviceName: 'VARCHAR',
    FileName: 'VARCHAR',
    InitiatingProcessFileName: 'VARCHAR',
    InitiatingProcessId: 'BIGINT',
    InitiatingProcessCommandLine: 'VARCHAR',
    InitiatingProcessAccountName: 'VARCHAR',
    InitiatingProcessSHA256: 'VARCHAR',
    DeviceId: 'VARCHAR',
    InitiatingProcessCreationTime: 'TIMESTAMP',
    InitiatingProcessUniqueId: 'VARCHAR',
    InitiatingProcessParentFileName: 'VARCHAR',
  },
  DeviceNetworkEvents: {
    Timestamp: 'TIMESTAMP',
    DeviceName: 'VARCHAR',
    ActionType: 'VARCHAR',
    RemoteIP: 'VARCHAR',
    RemoteIPType: 'VARCHAR',
    RemotePort: 'INTEGER',
    InitiatingProcessId: 'BIGINT',
    SentBytes: 'BIGINT',
    ReceivedBytes: 'BIGINT',
    DeviceId: 'VARCHAR',
    InitiatingProcessFileName: 'VARCHAR',
    InitiatingProcessAccountName: 'VARCHAR',
    InitiatingProcessCreationTime: 'TIMESTAMP',
    InitiatingProcessUniqueId: 'VARCHAR',
  },
} as const;

export function finding(row: Record<string, DuckDBValue>): Finding {
  const plain = Object.entries(row).map(([name, value]) => {
    if (value instanceof DuckDBListValue) return [name, [...value.items]];
    return [name, value instanceof DuckDBTimestampValue ? value.micros : value];
  });
  return Object.fromEntries(plain) as unknown as Finding;
}
