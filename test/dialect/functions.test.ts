import type { DuckDBConnection } from '@duckdb/node-api';
import { beforeAll, expect, test } from 'vitest';
import { duckdbFunctions } from '../../src/dialect/duckdb/functions/index.ts';
import { javascriptFunctions } from '../../src/dialect/duckdb/javascript/index.ts';
import { allMacros } from '../../src/dialect/duckdb/macros.ts';
import { literal, type Scalar } from '../../src/plan/scalar.ts';
import type { KqlType } from '../../src/schema/kql-types.ts';
import { openEngine } from '../kql/engine.ts';

let known: Set<string>;
let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openEngine();
  const reader = await connection.runAndReadAll(
    'SELECT DISTINCT lower(function_name) FROM duckdb_functions()',
  );
  known = new Set(reader.getRows().map(([name]) => String(name)));
});

/** Words before a parenthesis that are syntax, not functions. */
const SYNTAX = new Set([
  'decimal',
  'from',
  'join',
  'in',
  'and',
  'or',
  'not',
  'when',
  'then',
  'else',
  'over',
  'filter',
  'where',
  'cast',
  'try_cast',
  'as',
  'values',
  'by',
  'lambda',
  'coalesce',
  'nullif',
  'struct_pack',
  'replace',
  'macro',
  'try',
  'case',
  'between',
  'i',
  'end',
]);

const called = (sql: string): string[] =>
  [...sql.replace(/'(?:[^']|'')*'/g, "''").matchAll(/\b([a-z_][a-z0-9_]*)\s*\(/gi)].map((found) =>
    found[1]!.toLowerCase(),
  );

test('every function that a row writes exists in the engine', () => {
  const scalar = (type: KqlType): Scalar =>
    type === 'string'
      ? literal('string', 'a')
      : type === 'dynamic'
        ? literal('dynamic', '["a"]')
        : literal(type, type === 'real' ? 1 : 1n);
  const missing: string[] = [];
  for (const [name, row] of Object.entries(duckdbFunctions.functions)) {
    if (name === 'extract_groups') continue;
    const parameters = row.takes.filter(({ optional }) => !optional);
    const args = parameters.map(({ type }) => scalar(type === 'any' || type === 'number' ? 'long' : type));
    const call = {
      kind: 'call',
      name,
      type: row.gives === 'argument' || row.gives === 'number' ? 'long' : row.gives,
      args,
      nullable: true,
    } as const;
    const sql = row.sql(
      args.map((_, index) => `x${index}`),
      call,
    );
    for (const used of called(sql))
      if (!known.has(used) && !SYNTAX.has(used)) missing.push(`${name}: ${used}`);
  }
  expect(missing).toEqual([]);
});

test('every macro uses functions that exist', () => {
  const missing = allMacros().flatMap((sql) =>
    called(sql).filter((used) => !known.has(used) && !SYNTAX.has(used)),
  );
  expect([...new Set(missing)]).toEqual([]);
});

test('names of rows and of JavaScript functions are each used once', () => {
  expect(new Set(javascriptFunctions.map(({ name }) => name)).size).toBe(javascriptFunctions.length);
  for (const { docs } of Object.values(duckdbFunctions.functions)) expect(docs).toMatch(/^[a-z0-9/-]+$/);
});
