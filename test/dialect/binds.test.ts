/** What is printed, DuckDB accepts: every row, every conversion, every query that the project has. */
import { readdirSync, readFileSync } from 'node:fs';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { canConvert, convert } from '../../src/dialect/duckdb/functions/conversions.ts';
import { heldAside } from '../../src/dialect/duckdb/functions/held-aside.ts';
import { duckdbFunctions } from '../../src/dialect/duckdb/functions/index.ts';
import { identifier, PHYSICAL_TYPES } from '../../src/dialect/duckdb/literals.ts';
import type { AggregateRow, FunctionRow, Parameter } from '../../src/dialect/function-row.ts';
import { type Call, column, type Scalar } from '../../src/plan/scalar.ts';
import { advancedHuntingTables } from '../../src/schema/advanced-hunting.ts';
import type { KqlType } from '../../src/schema/kql-types.ts';
import { openEngine, translate } from '../kql/engine.ts';
import { some } from '../runs.ts';

const TYPES = Object.keys(PHYSICAL_TYPES) as KqlType[];

let connection: DuckDBConnection;
let bare: DuckDBConnection;
beforeAll(async () => {
  connection = await openEngine();
  bare = await (await DuckDBInstance.create(':memory:')).connect();
  const columns = TYPES.map((type) => `NULL::${PHYSICAL_TYPES[type]} AS a_${type}`);
  await connection.run(
    'CREATE TABLE Networks (network VARCHAR, country VARCHAR, state VARCHAR, city VARCHAR, latitude DOUBLE, longitude DOUBLE)',
  );
  await connection.run(`CREATE TABLE Typed AS SELECT ${columns.join(', ')}`);
  for (const [name, contract] of Object.entries(advancedHuntingTables())) {
    const list = contract
      .filter(({ name: each }, i) => contract.findIndex((other) => isOne(other.name, each)) === i)
      .map(({ name: each, type }) => `${identifier(each)} ${PHYSICAL_TYPES[type]}`);
    for (const each of [connection, bare])
      await each.run(`CREATE TABLE ${identifier(name)} (${list.join(', ')})`);
  }
});

/** What DuckDB takes for one column: `AccountUpn`, `AccountUPN`. */
const isOne = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Why the engine does not take it; undefined where it does. */
async function refusal(sql: string): Promise<string | undefined> {
  try {
    await connection.run(`EXPLAIN ${sql}`);
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
}

/** Types to try for the arguments: of those that take any, it is enough that one binds. */
function argumentTypes(takes: readonly Parameter[]): KqlType[][] {
  if (takes.length === 0) return [[]];
  const anything = takes.some(({ type }) => type === 'any');
  const open: readonly KqlType[] = anything ? TYPES : ['long'];
  return open.map((type) =>
    takes.map((parameter) =>
      parameter.type === 'any' ? type : parameter.type === 'number' ? 'real' : parameter.type,
    ),
  );
}

/** The optional arguments of aggregates are constants: a limit, an accuracy. */
const isAggregate = (row: FunctionRow | AggregateRow): boolean =>
  !Object.values(duckdbFunctions.functions).includes(row as FunctionRow);

async function rowRefusal(row: FunctionRow | AggregateRow, print: Printing): Promise<string | undefined> {
  let why: string | undefined = 'no types';
  const takes = row.takes.filter(({ optional }) => !optional || !isAggregate(row));
  for (const types of argumentTypes(takes)) {
    const args = types.map((type) => column(`a_${type}`, type));
    const gives = row.gives === 'argument' || row.gives === 'number' ? (types[0] ?? 'long') : row.gives;
    why = await refusal(`SELECT ${print(args, gives)} FROM Typed`);
    if (why === undefined) return undefined;
  }
  return why;
}

type Printing = (args: readonly Scalar[], type: KqlType) => string;

const sqlOf = (args: readonly Scalar[]): string[] =>
  args.map((arg) => (arg.kind === 'column' ? arg.name : ''));
const callOf = (kind: string, name: string, args: readonly Scalar[], type: KqlType): never =>
  ({ kind, name, type, args, nullable: true }) as never;

/** Rows that look at a literal argument to choose their SQL, and a query that calls each. */
const WITH_LITERALS: Readonly<Record<string, string>> = {
  replace_strings: 'replace_strings(FileName, dynamic(["a"]), dynamic(["b"]))',
  extract: 'extract("(a)(b)", 2, FileName)',
  extract_groups: 'extract_all("(a)(b)", FileName)',
  format_datetime: 'format_datetime(Timestamp, "yyyy-MM-dd HH:mm:ss.fff")',
  format_timespan: 'format_timespan(now() - Timestamp, "d.hh:mm:ss")',
  bag_pack: 'bag_pack("a", FileName, "b", FileSize)',
  case: 'case(FileSize > 1, "a", FileSize > 0, "b", "c")',
  percentile_disc: 'toscalar(DeviceEvents | summarize percentile(FileSize, 50))',
  percentile_weighted: 'toscalar(DeviceEvents | summarize percentilew(FileSize, RemotePort, 50))',
  geo_info: 'geo_info_from_ip_address(RemoteIP)',
};

describe('the rows of the function tables', () => {
  const typed = <T>(rows: Readonly<Record<string, T>>): [string, T][] =>
    Object.entries(rows).filter(([name]) => !(name in WITH_LITERALS));

  test.each(typed(duckdbFunctions.functions))('function %s', async (name, row) => {
    const print: Printing = (args, type) => row.sql(sqlOf(args), callOf('call', name, args, type));
    expect(await rowRefusal(row, print)).toBeUndefined();
  });

  test.each(some(typed(duckdbFunctions.functions)))('function %s of subqueries', async (name, row) => {
    const print: Printing = (args, type) => {
      const asked = sqlOf(args).map((sql) => `(SELECT ${sql} FROM Typed LIMIT 1)`);
      return heldAside(asked, (list) => row.sql(list, callOf('call', name, args, type)));
    };
    expect(await rowRefusal(row, print)).toBeUndefined();
  });

  test.each(typed(duckdbFunctions.aggregates))('aggregate %s', async (name, row) => {
    const print: Printing = (args, type) =>
      row.sql(sqlOf(args), (fn, list) => `${fn}(${list})`, callOf('aggregation', name, args, type));
    expect(await rowRefusal(row, print)).toBeUndefined();
  });

  test.each(typed(duckdbFunctions.windows))('window %s', async (name, row) => {
    const print: Printing = (args, type) =>
      row.sql(sqlOf(args), (fn, list) => `${fn}(${list}) OVER ()`, callOf('window', name, args, type));
    expect(await rowRefusal(row, print)).toBeUndefined();
  });

  test.each(Object.entries(WITH_LITERALS))('%s, with its literals', async (_, call) => {
    const { sql, diagnostics } = translate(`DeviceEvents | extend x = ${call}`, {
      environment: { geo: 'Networks' },
    });
    expect(diagnostics).toEqual([]);
    expect(await refusal(sql)).toBeUndefined();
  });

  test('every conversion', async () => {
    const refused: string[] = [];
    for (const from of TYPES) {
      for (const to of TYPES.filter((type) => canConvert(from, type))) {
        const call = callOf('call', 'convert', [column(`a_${from}`, from)], to) as Call;
        const why = await refusal(`SELECT ${convert(call, (value) => sqlOf([value])[0]!)} FROM Typed`);
        if (why !== undefined) refused.push(`${from} to ${to}: ${why}`);
        const asked = convert(call, (value) => `(SELECT ${sqlOf([value])[0]} FROM Typed LIMIT 1)`);
        const whyAsked = await refusal(`SELECT ${asked}`);
        if (whyAsked !== undefined) refused.push(`${from} to ${to}, of a subquery: ${whyAsked}`);
      }
    }
    expect(refused).toEqual([]);
  });
});

describe('what is pasted into a DuckDB that knows nothing of ours', () => {
  const folders = ['../kql/cases/', '../../sql/detections/t1573.001/'].map(
    (each) => new URL(each, import.meta.url),
  );
  const queries = folders.flatMap((folder) =>
    readdirSync(folder).flatMap((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8');
      if (file.endsWith('.kql')) return [text];
      return folder === folders[0] ? (parse(text) as { query: string }[]).map(({ query }) => query) : [];
    }),
  );

  // A case is run where our macros are known (cases.test.ts). Here it is enough that each word of the language is pasted
  // once: of the longest queries, those that have a word which none before them had.
  const seen = new Set<string>();
  const telling = queries
    .toSorted((a, b) => b.length - a.length)
    .filter((query) => {
      const words = query.match(/[a-z_][\w-]*/gi) ?? [];
      const brings = words.some((word) => !seen.has(word));
      for (const word of words) seen.add(word);
      return brings;
    });

  test.each(some(telling.map((query) => [query.trim()])))('%s', async (query) => {
    const { sql } = translate(query, { mode: 'print' });
    if (sql === '') return;
    const statements = sql.split(/;\n(?=CREATE|\n(?:WITH|SELECT))/);
    for (const macro of statements.slice(0, -1)) await bare.run(macro);
    await bare.run(`EXPLAIN ${statements.at(-1)}`);
  });
});
