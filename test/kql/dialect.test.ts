/** The boundary of a dialect, shown with a second one: a corner of T-SQL. */
import { describe, expect, test } from 'vitest';
import type { Dialect } from '../../src/dialect/dialect.ts';
import { duckdb } from '../../src/dialect/duckdb/index.ts';
import { aggregateRow, row } from '../../src/dialect/function-row.ts';
import { translate } from '../../src/kql/translate.ts';
import type { Item, Plan } from '../../src/plan/nodes.ts';
import type { Scalar } from '../../src/plan/scalar.ts';

const name = (text: string): string => `[${text.replaceAll(']', ']]')}]`;

function value(scalar: Scalar): string {
  switch (scalar.kind) {
    case 'column':
      return name(scalar.name);
    case 'literal':
      return typeof scalar.value === 'string'
        ? `N'${scalar.value.replaceAll("'", "''")}'`
        : `${scalar.value}`;
    case 'call':
      return tsql.functions[scalar.name]!.sql(scalar.args.map(value), scalar);
    case 'aggregation':
      return tsql.aggregates[scalar.name]!.sql(
        scalar.args.map(value),
        (fn, list) => `${fn}(${list})`,
        scalar,
      );
    default:
      throw new TypeError(`no ${scalar.kind} here`);
  }
}

const items = (list: readonly Item[]): string =>
  list.map((item) => `${value(item.value)} AS ${name(item.name)}`).join(', ');

function select(plan: Plan): string {
  switch (plan.kind) {
    case 'scan':
      return `SELECT ${plan.columns.map((column) => name(column.name)).join(', ')} FROM ${name(plan.table)}`;
    case 'filter':
      return `SELECT * FROM (${select(plan.input)}) AS t WHERE ${value(plan.predicate)}`;
    case 'project':
      return `SELECT ${items(plan.items)} FROM (${select(plan.input!)}) AS t`;
    case 'aggregate': {
      const list = items([...plan.keys, ...plan.aggregates]);
      const keys = plan.keys.map((key) => value(key.value)).join(', ');
      return `SELECT ${list} FROM (${select(plan.input)}) AS t GROUP BY ${keys}`;
    }
    case 'limit':
      return `SELECT TOP (${value(plan.count)}) * FROM (${select(plan.input)}) AS t`;
    default:
      throw new TypeError(`no ${plan.kind} here`);
  }
}

const tsql: Dialect = {
  name: 'T-SQL',
  functions: {
    equal: row('any any', 'bool', 'binoperators', ([a, b]) => `${a} = ${b}`),
    greater: row('any any', 'bool', 'binoperators', ([a, b]) => `${a} > ${b}`),
    and: row('bool bool', 'bool', 'binoperators', ([a, b]) => `${a} AND ${b}`),
    tolower: row('string', 'string', 'tolower-function', ([a]) => `LOWER(${a})`),
  },
  aggregates: {
    count: aggregateRow('', 'long!', 'count-aggregation-function', (_, write) => write('COUNT_BIG', '*')),
  },
  windows: {},
  lacks: new Set(['join', 'sort', 'union', 'unnest', 'first', 'fold', 'chain', 'series', 'values']),
  mostSteps: 100,
  mostReads: 100,
  converts: (from, to) => from === to || (from === 'int' && to === 'long'),
  datetimeTicks: 10_000n,
  print: (plan) => ({ sql: select(plan), steps: [], macros: [], javascript: [] }),
};

const TABLES = {
  DeviceEvents: [
    { name: 'Timestamp', type: 'datetime' },
    { name: 'Device]Name', type: 'string' },
    { name: 'FileName', type: 'string' },
    { name: 'FileSize', type: 'long' },
  ],
} as const;
const toTsql = (kql: string) => translate(kql, tsql, { tables: TABLES });

/** What was refused, and the text that it points at. */
function refused(kql: string): [code: string, message: string, at: string] {
  const { sql, diagnostics } = toTsql(kql);
  expect(sql).toBe('');
  const [{ code, message, start, length }] = diagnostics as [(typeof diagnostics)[number]];
  return [code, message, kql.slice(start, start + length)];
}

describe('a second dialect', () => {
  test('prints the same plan in its own words', () => {
    const kql = `DeviceEvents
      | where tolower(FileName) == "it's.exe" and FileSize > 10
      | summarize Events = count() by ['Device]Name']
      | take 5`;
    const { sql, columns, diagnostics } = toTsql(kql);
    expect(diagnostics).toEqual([]);
    expect(sql).toBe(
      'SELECT TOP (5) * FROM (' +
        'SELECT [Device]]Name] AS [Device]]Name], COUNT_BIG(*) AS [Events] FROM (' +
        'SELECT * FROM (SELECT [Device]]Name], [FileName], [FileSize] FROM [DeviceEvents]) AS t ' +
        "WHERE LOWER([FileName]) = N'it''s.exe' AND [FileSize] > 10" +
        ') AS t GROUP BY [Device]]Name]) AS t',
    );
    expect(columns).toEqual([
      { name: 'Device]Name', type: 'string' },
      { name: 'Events', type: 'long' },
    ]);
  });

  test.each<[what: string, kql: string, refusal: [code: string, message: string | RegExp, at: string]]>([
    [
      'a function',
      'DeviceEvents | where FileSize > 1 | extend n = strlen(FileName)',
      ['MG002', 'the function strlen has no translation', 'strlen'],
    ],
    [
      'an operator',
      'DeviceEvents | where FileName has "a"',
      ['MG002', 'the function has has no translation', 'FileName has "a"'],
    ],
    [
      'an aggregate',
      'DeviceEvents | summarize dcount(FileName)',
      ['MG002', 'the aggregate dcount has no translation', 'dcount(FileName)'],
    ],
    [
      'a conversion',
      'DeviceEvents | extend n = tolong(FileName)',
      ['MG003', 'a string as a long has no translation', 'tolong(FileName)'],
    ],
    [
      'what lowering puts in: a window',
      'DeviceEvents | serialize | extend n = row_number()',
      ['MG002', 'row_number has no translation to T-SQL', 'extend n = row_number()'],
    ],
    [
      'a step',
      'DeviceEvents | where FileSize > 1 | sort by FileName',
      ['MG002', 'a step of this kind (sort) has no translation to T-SQL', 'sort by FileName'],
    ],
    [
      'a datetime',
      'DeviceEvents | where Timestamp > datetime(2026-01-31T00:00:00.0001)',
      [
        'MG004',
        '2026-01-31T00:00:00.0001 is finer than T-SQL can hold',
        'datetime(2026-01-31T00:00:00.0001)',
      ],
    ],
  ])('refuses by name %s that it lacks', (_, kql, refusal) => {
    expect(refused(kql)).toEqual(refusal);
    expect(translate(kql, duckdb, { tables: TABLES }).diagnostics).toEqual([]);
  });

  test('leaves out the rewrite whose functions it lacks', () => {
    const kql = `DeviceEvents | join kind=inner (DeviceEvents | project FileName, later = Timestamp) on FileName
      | where later between (Timestamp .. Timestamp + 15m)`;
    const { time_bucket, time_buckets, ...functions } = duckdb.functions;
    expect(translate(kql, duckdb, { tables: TABLES }).sql).toContain('bucket');
    expect(translate(kql, { ...duckdb, functions }, { tables: TABLES }).sql).toMatch(
      /^(?!.*bucket).*BETWEEN/s,
    );
  });

  test('has no effect on the next translation', () => {
    expect(() =>
      translate('print 1', {
        ...tsql,
        print: () => {
          throw new Error('broken');
        },
        lacks: new Set(),
      }),
    ).toThrow('broken');
    expect(translate('print strlen("a")', duckdb).diagnostics).toEqual([]);
  });
});
