import {
  type DuckDBConnection,
  DuckDBInstance,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { macroText } from '../../src/dialect/duckdb/macro-text.ts';
import { beaconAnalysis } from '../../src/hunt/beacons.ts';
import { bindParameters, resolveParameters } from '../../src/hunt/parameters.ts';
import type { Connection } from '../oracle/beacon-keys.ts';

/** The beacon analysis' own statement with rows put straight under it: fast enough for many lakes. */
export class BeaconStatement {
  readonly #connection: DuckDBConnection;
  readonly #analysis = beaconAnalysis();

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  static async open(threads = 1): Promise<BeaconStatement> {
    const connection = await (
      await DuckDBInstance.create(':memory:', { threads: String(threads) })
    ).connect();
    await connection.run("SET TimeZone = 'UTC'");
    const columns = Object.entries(COLUMNS).map(([name, type]) => `${name} ${type}`);
    await connection.run(`CREATE TABLE DeviceNetworkEvents (${columns.join(', ')})`);
    const statement = new BeaconStatement(connection);
    for (const macro of statement.#analysis.macros) await connection.run(macroText(macro));
    return statement;
  }

  /** All keys of four connections or more, none folded, as plain numbers and texts; instants as microseconds. */
  async keys(
    rows: readonly Connection[],
    settings: Readonly<Record<string, unknown>> = {},
  ): Promise<Record<string, number | string | null>[]> {
    await this.#fill(rows);
    const { parameters, sql } = this.#analysis;
    const values = resolveParameters(parameters, [
      { min_score: 0, min_connections: 4, fold_keys: false, ...settings },
    ]);
    const bound = bindParameters(parameters, values, {});
    const result = await this.#connection.run(sql, bound.values, bound.types);
    return (await result.getRowObjects()).map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])),
    );
  }

  async #fill(rows: readonly Connection[]): Promise<void> {
    const shape = Object.fromEntries(
      Object.entries(COLUMNS).map(([name, type]) => [name, type === 'TIMESTAMP' ? 'BIGINT' : type]),
    );
    const outputs = Object.entries(COLUMNS).map(([name, type]) => {
      const value = type === 'TIMESTAMP' ? `make_timestamp(r.${name})` : `r.${name}`;
      return type === 'VARCHAR' ? `coalesce(${value}, '')` : value;
    });
    await this.#connection.run('DELETE FROM DeviceNetworkEvents');
    await this.#connection.run(
      `INSERT INTO DeviceNetworkEvents SELECT ${outputs.join(', ')} FROM (SELECT unnest(from_json($rows, $shape)) AS r)`,
      { rows: JSON.stringify(rows), shape: JSON.stringify([shape]) },
    );
  }
}

const COLUMNS = {
  Timestamp: 'TIMESTAMP',
  DeviceId: 'VARCHAR',
  DeviceName: 'VARCHAR',
  ActionType: 'VARCHAR',
  RemoteIP: 'VARCHAR',
  RemoteIPType: 'VARCHAR',
  RemotePort: 'INTEGER',
  RemoteUrl: 'VARCHAR',
  InitiatingProcessUniqueId: 'VARCHAR',
  InitiatingProcessId: 'BIGINT',
  InitiatingProcessCreationTime: 'TIMESTAMP',
  InitiatingProcessFileName: 'VARCHAR',
  InitiatingProcessAccountName: 'VARCHAR',
  SentBytes: 'BIGINT',
} as const;

function plain(value: DuckDBValue): number | string | null {
  if (value instanceof DuckDBTimestampValue) return Number(value.micros);
  return typeof value === 'bigint' ? Number(value) : (value as number | string | null);
}
