/** Random pipelines whose answer Kusto determines: what it leaves open is never asked for. */
import fc from 'fast-check';
import { rightColumns } from '../oracle/kql/join.ts';
import {
  applied,
  type JoinKey,
  type JoinKind,
  type Named,
  type Operator,
  type Pipeline,
  type SortKey,
  type Tables,
} from '../oracle/kql/operators.ts';
import type { Column, Table, Type } from '../oracle/kql/value.ts';
import { among, chance, type Draw, expression, isExact, upTo, VALUES } from './random-expression.ts';
import { keyable, type Names, summary } from './random-summary.ts';

/** Two tables whose keys meet, miss, repeat and are null or empty. */
export function randomTables(draw: Draw): Tables {
  return {
    Left: randomTable(draw, { id: 'long', k: 'long', n: 'long', r: 'real', s: 'string', b: 'bool' }, 8),
    Right: randomTable(draw, { id: 'long', k: 'long', m: 'long', s: 'string', t: 'string' }, 6),
  };
}

const KEYS = [1n, 2n, 3n, null] as const;

function randomTable(
  draw: Draw,
  types: Readonly<Record<string, Exclude<Type, 'dynamic'>>>,
  most: number,
): Table {
  const columns = Object.entries(types).map(([name, type]) => ({ name, type, exact: true }));
  const count = chance(draw, 10) ? 0 : 3 + upTo(draw, most - 3);
  const rows = Array.from({ length: count }, (_, index) =>
    Object.fromEntries(
      columns.map(({ name, type }) => [
        name,
        name === 'id' ? BigInt(index + 1) : among(draw, name === 'k' ? KEYS : VALUES[type]),
      ]),
    ),
  );
  return { columns, rows };
}

interface Made {
  readonly pipeline: Pipeline;
  readonly columns: readonly Column[];
}

export function randomPipeline(draw: Draw, tables: Tables): Pipeline {
  return pipeline(draw, tables, 1 + upTo(draw, 4), { next: 1 }, true).pipeline;
}

function pipeline(draw: Draw, tables: Tables, steps: number, names: Names, nested: boolean): Made {
  const source = among(draw, Object.keys(tables));
  let columns = tables[source]!.columns;
  const operators: Operator[] = [];
  for (let step = 0; step < steps; step += 1) {
    for (const operator of randomOperators(draw, columns, tables, names, nested)) {
      operators.push(operator);
      columns = applied({ columns, rows: [] }, operator, tables).columns;
    }
  }
  return { pipeline: { source, operators }, columns };
}

function randomOperators(
  draw: Draw,
  columns: readonly Column[],
  tables: Tables,
  names: Names,
  nested: boolean,
): Operator[] {
  const kinds = [
    'where',
    'where',
    'extend',
    'extend',
    'extend',
    'summarize',
    'project',
    'distinct',
    'sort',
    'top',
    'count',
  ];
  const kind = among(draw, nested ? [...kinds, 'join', 'join', 'join', 'union'] : kinds);
  switch (kind) {
    case 'where':
      return [{ kind, condition: expression(draw, columns, 'bool', 1 + upTo(draw, 1)) }];
    case 'extend':
      return [{ kind, items: extensions(draw, columns, names) }];
    case 'summarize':
      return [summary(draw, columns, names)];
    case 'project':
      return [{ kind, columns: some(draw, columns) }];
    case 'distinct':
      return keyable(columns).length > 0 ? [{ kind, columns: some(draw, keyable(columns)) }] : [];
    case 'sort':
      return sortAndTake(draw, columns);
    case 'top':
      return topOfKey(draw, columns);
    case 'count':
      return chance(draw, 30) ? [{ kind }] : [];
    case 'join':
      return randomJoin(draw, columns, tables, names);
    default: {
      const other = pipeline(draw, tables, upTo(draw, 2), names, false);
      const shared = other.columns.some(({ name }) => columns.some((column) => column.name === name));
      return [{ kind: 'union', how: shared && chance(draw, 25) ? 'inner' : 'outer', other: other.pipeline }];
    }
  }
}

function some(draw: Draw, from: readonly Column[]): Column[] {
  const chosen = from.filter(() => chance(draw, 50));
  return chosen.length > 0 ? chosen : [from[0]!];
}

/** Conditions more often: there are more of them. */
const TYPES = ['long', 'real', 'string', 'bool', 'bool', 'bool'] as const;

function extensions(draw: Draw, columns: readonly Column[], names: Names): Named[] {
  return Array.from({ length: 1 + upTo(draw, 3) }, () => {
    const type = among(draw, TYPES);
    const value = expression(draw, columns, type, type === 'bool' ? 1 + upTo(draw, 1) : 2);
    const name = `${type}_${names.next++}`;
    return { column: { name, type, exact: isExact(value) }, value };
  });
}

const sortKey = (draw: Draw, column: Column): SortKey => ({
  column,
  descending: chance(draw, 50),
  nullsFirst: chance(draw, 50),
});

/** By every column, some of them first, so that only equal rows tie. */
function sortAndTake(draw: Draw, columns: readonly Column[]): Operator[] {
  if (!columns.every(({ exact, type }) => exact && type !== 'dynamic')) return [];
  const shuffled = draw(fc.shuffledSubarray([...columns], { minLength: columns.length }));
  const sort: Operator = { kind: 'sort', keys: shuffled.map((column) => sortKey(draw, column)) };
  return chance(draw, 60) ? [sort, { kind: 'take', count: 1 + upTo(draw, 4) }] : [sort];
}

/** Which of the rows that tie are the top ones is open: only the key is kept. */
function topOfKey(draw: Draw, columns: readonly Column[]): Operator[] {
  const keys = columns.filter(({ exact, type }) => exact && type !== 'dynamic');
  if (keys.length === 0) return [];
  const key = sortKey(draw, among(draw, keys));
  return [
    { kind: 'top', count: 1 + upTo(draw, 4), key },
    { kind: 'project', columns: [key.column] },
  ];
}

const KINDS: readonly JoinKind[] = [
  'innerunique',
  'innerunique',
  'inner',
  'leftouter',
  'rightouter',
  'fullouter',
  'leftanti',
  'rightanti',
  'leftsemi',
  'rightsemi',
];

function randomJoin(draw: Draw, columns: readonly Column[], tables: Tables, names: Names): Operator[] {
  const { pipeline: right, columns: rightSide } = pipeline(draw, tables, upTo(draw, 2), names, false);
  const on = joinKeys(draw, columns, rightSide);
  if (on.length === 0) return [];
  const join: Operator = { kind: 'join', how: among(draw, KINDS), right, on };
  if (join.how !== 'innerunique') return [join];
  // Which left row stands for its key is open: of the left side only the keys are kept.
  const keys = columns.filter(({ name }) => on.some(({ left }) => left === name));
  return [join, { kind: 'project', columns: [...keys, ...rightColumns(columns, rightSide)] }];
}

function joinKeys(draw: Draw, left: readonly Column[], right: readonly Column[]): JoinKey[] {
  const pairs = keyable(left).flatMap((one) =>
    keyable(right)
      .filter(({ type }) => type === one.type)
      .map((other) => ({ left: one.name, right: other.name })),
  );
  // `id` meets `k` and the long numbers seldom; the small keys are what joins are about.
  const likely = pairs.filter(({ left, right }) => /^[kstb]/.test(left) && /^[kstb]/.test(right));
  if (pairs.length === 0) return [];
  const one = among(draw, likely.length > 0 && chance(draw, 80) ? likely : pairs);
  const two = among(draw, pairs);
  return chance(draw, 25) && one.left !== two.left && one.right !== two.right ? [one, two] : [one];
}
