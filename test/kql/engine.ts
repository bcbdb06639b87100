/** A DuckDB in memory for tests: runs a translation and gives its rows as the API's JSON values. */
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBInstance,
  DuckDBScalarFunction,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api';
import { duckdb } from '../../src/dialect/duckdb/index.ts';
import { javascriptFunctions } from '../../src/dialect/duckdb/javascript/index.ts';
import { allMacros } from '../../src/dialect/duckdb/macros.ts';
import type { JavaScriptFunction } from '../../src/dialect/javascript-function.ts';
import type { DiscoveredRows } from '../../src/kql/discovery.ts';
import { timespanText } from '../../src/kql/literal-text.ts';
import {
  type TranslateOptions,
  type Translation,
  translate as translateTo,
} from '../../src/kql/translate.ts';
import type { KqlType } from '../../src/schema/kql-types.ts';

/** To DuckDB, over every documented table. */
export const translate = (kql: string, options: TranslateOptions = {}): Translation =>
  translateTo(kql, duckdb, options);

export async function openEngine(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  for (const scalar of javascriptFunctions) register(connection, scalar);
  for (const macro of allMacros()) await connection.run(macro);
  return connection;
}

const TYPES = { VARCHAR, BIGINT, DOUBLE, BOOLEAN };

function register(connection: DuckDBConnection, { name, takes, gives, evaluate }: JavaScriptFunction): void {
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name,
      returnType: TYPES[gives],
      parameterTypes: takes.map((type) => TYPES[type]),
      mainFunction: (_, input, output) => {
        const columns = takes.map((_type, index) => input.getColumnValues(index));
        for (let row = 0; row < input.rowCount; row += 1) {
          const args = columns.map((column) => column[row]);
          output.setItem(row, args.some((arg) => arg === null) ? null : evaluate(...args));
        }
        output.flush();
      },
    }),
  );
}

export async function runTranslation(
  connection: DuckDBConnection,
  translation: Translation,
): Promise<unknown[][]> {
  const reader = await connection.runAndReadAll(translation.sql);
  return reader
    .getRows()
    .map((row) => row.map((value, index) => plainValue(value, translation.columns[index]!.type)));
}

/** The rows of a query in which nothing is wrong. */
export async function rowsOf(connection: DuckDBConnection, kql: string): Promise<unknown[][]> {
  const translation = translate(kql);
  const wrong = translation.diagnostics.find(({ severity }) => severity === 'error');
  if (wrong) throw new Error(`${wrong.code}: ${wrong.message} in ${kql}`);
  return runTranslation(connection, translation);
}

export function plainValue(value: DuckDBValue, type: KqlType): unknown {
  if (value === null) return null;
  switch (type) {
    case 'datetime':
      return isoText((value as { micros: bigint }).micros);
    case 'timespan':
      return timespanText(BigInt(value as bigint));
    case 'dynamic':
      return JSON.parse(String(value));
    case 'guid':
      return String(value);
    case 'decimal':
    case 'real': {
      const number = Number(String(value));
      return Number.isFinite(number) ? number : String(number);
    }
    case 'int':
    case 'long': {
      const whole = BigInt(value as bigint);
      return Number.isSafeInteger(Number(whole)) ? Number(whole) : String(whole);
    }
    default:
      return value;
  }
}

function isoText(micros: bigint): string {
  const seconds = micros >= 0n ? micros / 1_000_000n : -((-micros + 999_999n) / 1_000_000n);
  const fraction = micros - seconds * 1_000_000n;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return fraction === 0n ? `${whole}Z` : `${whole}.${String(fraction).padStart(6, '0')}0Z`;
}

/** Translates, runs what has to be discovered first, and translates again. */
export async function translateFully(
  connection: DuckDBConnection,
  kql: string,
  options: TranslateOptions = {},
): Promise<Translation> {
  let translation = translate(kql, options);
  const discovered: Record<string, DiscoveredRows> = {};
  while (translation.discover) {
    const reader = await connection.runAndReadAll(translation.discover.sql);
    discovered[translation.discover.key] = reader
      .getRows()
      .map(([name, types]) => [String(name), JSON.parse(String(types)) as string[]]);
    translation = translate(kql, { ...options, discovered });
  }
  return translation;
}
