/** Tabular operators, as data, and what each makes of a table: nested loops, no cleverness. */
import { type Aggregate, aggregated } from './aggregates.ts';
import { type Expression, evaluate } from './expression.ts';
import { joinTables } from './join.ts';
import { absent, type Column, keyOf, order, type Row, type Table, type Value } from './value.ts';

export interface Named {
  readonly column: Column;
  readonly value: Expression;
}

export interface SortKey {
  readonly column: Column;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export type JoinKind =
  | 'innerunique'
  | 'inner'
  | 'leftouter'
  | 'rightouter'
  | 'fullouter'
  | 'leftanti'
  | 'rightanti'
  | 'leftsemi'
  | 'rightsemi';

export interface JoinKey {
  readonly left: string;
  readonly right: string;
}

export type Operator =
  | { readonly kind: 'where'; readonly condition: Expression }
  | { readonly kind: 'extend'; readonly items: readonly Named[] }
  | { readonly kind: 'project' | 'distinct'; readonly columns: readonly Column[] }
  | { readonly kind: 'summarize'; readonly aggregates: readonly Aggregate[]; readonly by: readonly Named[] }
  | { readonly kind: 'sort'; readonly keys: readonly SortKey[] }
  | { readonly kind: 'take'; readonly count: number }
  | { readonly kind: 'top'; readonly count: number; readonly key: SortKey }
  | { readonly kind: 'count' }
  | {
      readonly kind: 'join';
      readonly how: JoinKind;
      readonly right: Pipeline;
      readonly on: readonly JoinKey[];
    }
  | { readonly kind: 'union'; readonly how: 'outer' | 'inner'; readonly other: Pipeline };

export interface Pipeline {
  readonly source: string;
  readonly operators: readonly Operator[];
}

export type Tables = Readonly<Record<string, Table>>;

export function interpret({ source, operators }: Pipeline, tables: Tables): Table {
  return operators.reduce((table, operator) => applied(table, operator, tables), tables[source]!);
}

/** The table after the operator. */
export function applied(table: Table, operator: Operator, tables: Tables): Table {
  const { columns, rows } = table;
  switch (operator.kind) {
    case 'where':
      return { columns, rows: rows.filter((row) => evaluate(operator.condition, row) === true) };
    case 'extend':
      return {
        columns: [...columns, ...operator.items.map(({ column }) => column)],
        rows: rows.map((row) => ({ ...row, ...named(operator.items, row) })),
      };
    case 'project':
      return { columns: operator.columns, rows };
    case 'distinct': {
      const names = operator.columns.map(({ name }) => name);
      const groups = new Map(rows.map((row) => [keyOf(names.map((name) => row[name]!)), row]));
      return { columns: operator.columns, rows: [...groups.values()] };
    }
    case 'summarize':
      return summarized(table, operator.aggregates, operator.by);
    case 'sort':
      return { columns, rows: sorted(rows, operator.keys) };
    case 'take':
      return { columns, rows: rows.slice(0, operator.count) };
    case 'top':
      return { columns, rows: sorted(rows, [operator.key]).slice(0, operator.count) };
    case 'count':
      return {
        columns: [{ name: 'Count', type: 'long', exact: true }],
        rows: [{ Count: BigInt(rows.length) }],
      };
    case 'join':
      return joinTables(table, interpret(operator.right, tables), operator.how, operator.on);
    case 'union':
      return united([table, interpret(operator.other, tables)], operator.how);
    default:
      return operator satisfies never;
  }
}

const named = (items: readonly Named[], row: Row): Row =>
  Object.fromEntries(items.map(({ column, value }) => [column.name, evaluate(value, row)]));

/** Without keys there is one group, also of no rows. */
function summarized({ rows }: Table, aggregates: readonly Aggregate[], by: readonly Named[]): Table {
  const groups = new Map<string, { keys: Row; rows: Row[] }>();
  if (by.length === 0) groups.set('', { keys: {}, rows: [] });
  for (const row of rows) {
    const keys = named(by, row);
    const key = by.length === 0 ? '' : keyOf(Object.values(keys));
    const group = groups.get(key) ?? { keys, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  const results = aggregates.map(({ as, name, type }) => ({
    name: as,
    type,
    exact: type !== 'dynamic' && name !== 'avg',
  }));
  return {
    columns: [...by.map(({ column }) => column), ...results],
    rows: [...groups.values()].map((group) => ({
      ...group.keys,
      ...Object.fromEntries(aggregates.map((each) => [each.as, aggregated(each, group.rows)])),
    })),
  };
}

function sorted(rows: readonly Row[], keys: readonly SortKey[]): Row[] {
  return [...rows].sort((one, other) => {
    for (const { column, descending, nullsFirst } of keys) {
      const [a, b] = [one[column.name] as Value, other[column.name] as Value];
      if ((a === null) !== (b === null)) return (a === null) === nullsFirst ? -1 : 1;
      const found = order(a, b);
      if (found !== 0) return descending ? -found : found;
    }
    return 0;
  });
}

/** Columns of the same name are one; what a side lacks is null there, or '' where it is a string. */
function united(sides: readonly Table[], how: 'outer' | 'inner'): Table {
  const all = new Map<string, Column>();
  for (const { columns } of sides) {
    for (const column of columns) {
      const known = all.get(column.name);
      all.set(column.name, known ? { ...known, exact: known.exact && column.exact } : column);
    }
  }
  const columns = [...all.values()].filter(
    ({ name }) => how === 'outer' || sides.every((side) => side.columns.some((each) => each.name === name)),
  );
  const has = (side: Table, name: string): boolean => side.columns.some((column) => column.name === name);
  return {
    columns,
    rows: sides.flatMap((side) =>
      side.rows.map((row) =>
        Object.fromEntries(
          columns.map(({ name, type }) => [name, has(side, name) ? row[name]! : absent(type)]),
        ),
      ),
    ),
  };
}
