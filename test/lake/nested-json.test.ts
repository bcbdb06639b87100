import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonOf } from '../../src/lake/nested-json.ts';
import { runs } from '../runs.ts';

/** A value as SQL has it and as JSON should. */
interface Value {
  readonly sql: string;
  readonly json: unknown;
}

/** A type, and how to make a value of it out of a number. */
interface Typed {
  readonly type: string;
  readonly value: (seed: number) => Value;
}

const NULL: Value = { sql: 'NULL', json: null };
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const NAMES = ['a', 'A b', 'q"q', "it's", 'x,(y)', 'ENUM'];

const SCALARS: readonly Typed[] = [
  {
    type: 'DOUBLE',
    value: (seed) =>
      [
        { sql: `${seed}.5::DOUBLE`, json: seed + 0.5 },
        { sql: "'nan'::DOUBLE", json: 'NaN' },
        { sql: "'-inf'::DOUBLE", json: '-Infinity' },
        NULL,
      ][seed % 4]!,
  },
  {
    type: 'TIMESTAMP WITH TIME ZONE',
    value: (seed) => ({
      sql: `TIMESTAMPTZ '2026-01-${10 + (seed % 20)} 01:00:00+02'`,
      json: `2026-01-${9 + (seed % 20)}T23:00:00.0000000Z`.replace('-9T', '-09T'),
    }),
  },
  {
    type: 'TIMESTAMP',
    value: (seed) => ({
      sql: `TIMESTAMP '2026-01-05 00:00:${10 + (seed % 50)}.25'`,
      json: `2026-01-05T00:00:${10 + (seed % 50)}.2500000Z`,
    }),
  },
  {
    type: 'DATE',
    value: (seed) => ({
      sql: `DATE '20${10 + (seed % 80)}-02-28'`,
      json: `20${10 + (seed % 80)}-02-28T00:00:00.0000000Z`,
    }),
  },
  { type: 'BIGINT', value: (seed) => ({ sql: `${seed}::BIGINT`, json: seed }) },
  { type: 'VARCHAR', value: (seed) => ({ sql: quoted(NAMES[seed % 6]!), json: NAMES[seed % 6] }) },
  {
    type: "ENUM('a', 'b,)')",
    value: (seed) => ({ sql: seed % 2 ? "'a'" : "'b,)'", json: seed % 2 ? 'a' : 'b,)' }),
  },
  { type: 'BOOLEAN', value: (seed) => ({ sql: String(seed % 2 === 0), json: seed % 2 === 0 }) },
];

const listOf = ({ type, value }: Typed): Typed => ({
  type: `${type}[]`,
  value: (seed) => {
    if (seed % 5 === 4) return NULL;
    const items = Array.from({ length: seed % 3 }, (_, index) => value(seed + index * 7));
    return {
      sql: `[${items.map(({ sql }) => sql).join(', ')}]::${type}[]`,
      json: items.map(({ json }) => json),
    };
  },
});

const structOf = (members: readonly Typed[]): Typed => {
  const fields = members.map(({ type }, index) => `"${NAMES[index]!.replaceAll('"', '""')}" ${type}`);
  const type = `STRUCT(${fields.join(', ')})`;
  return {
    type,
    value: (seed) => {
      if (seed % 7 === 6) return NULL;
      const values = members.map(({ value }, index) => value(seed + index));
      const entries = values.map(({ sql }, index) => `${quoted(NAMES[index]!)}: ${sql}`);
      return {
        sql: `{${entries.join(', ')}}::${type}`,
        json: Object.fromEntries(values.map(({ json }, index) => [NAMES[index]!, json])),
      };
    },
  };
};

const mapOf = ({ type, value }: Typed): Typed => ({
  type: `MAP(VARCHAR, ${type})`,
  value: (seed) => {
    if (seed % 5 === 3) return NULL;
    const values = NAMES.slice(0, seed % 4).map((name, index) => [name, value(seed + index)] as const);
    const entries = values.map(([name, { sql }]) => `${quoted(name)}: ${sql}`);
    return {
      sql: `MAP {${entries.join(', ')}}::MAP(VARCHAR, ${type})`,
      json: Object.fromEntries(values.map(([name, { json }]) => [name, json])),
    };
  },
});

const { nested } = fc.letrec<{ nested: Typed }>((tie) => ({
  nested: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...SCALARS),
    tie('nested').map(listOf),
    tie('nested').map(mapOf),
    fc.array(tie('nested'), { minLength: 1, maxLength: 6 }).map(structOf),
  ),
}));

test('a value of any nested type is the JSON that its parts make, instants and what is no number as Kusto has them', async () => {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  await connection.run("SET TimeZone = 'America/New_York'");
  await fc.assert(
    fc.asyncProperty(nested, fc.nat(1000), async ({ type, value }, seed) => {
      const { sql, json } = value(seed);
      // The type as the engine spells it is what files are described with.
      const described = await connection.runAndReadAll(`SELECT typeof(CAST(NULL AS ${type}))`);
      const spelled = String(described.getRows()[0]![0]);
      const found = await connection.runAndReadAll(
        `SELECT ${jsonOf('v', spelled)}::VARCHAR FROM (SELECT CAST(${sql} AS ${type}) AS v)`,
      );
      const [text] = found.getRows()[0] as [string | null];
      expect(text === null ? null : JSON.parse(text)).toEqual(json);
    }),
    { numRuns: runs(300) },
  );
});
