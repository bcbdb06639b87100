/** One node of a plan as one SELECT. */
import type { Plan } from '../../plan/nodes.ts';
import { type Clauses, conjuncts, INDENT, NEEDS_TYPE, outputs, star } from './clauses.ts';
import { identifier, literalSql, PHYSICAL_TYPES } from './literals.ts';
import type { Recursive } from './recursive-select.ts';
import { sortKey } from './scalar.ts';
import { boundsBothSides } from './two-bounds.ts';

type Node<Kind extends Plan['kind']> = Extract<Plan, { kind: Kind }>;

/** The lines of the SELECT that a node is. */
export function selectOf(node: Exclude<Plan, { kind: 'scan' } | Recursive>, to: Clauses): string[] {
  switch (node.kind) {
    case 'values':
      return valuesSelect(node);
    case 'series':
      return seriesSelect(node, to);
    case 'filter':
      return [...every(node.input, to), `WHERE ${conjuncts(node.predicate, to.predicate)}`];
    case 'project':
      return [
        `SELECT${outputs(to, node.input, node.items)}`,
        ...(node.input ? [`FROM ${to.read(node.input)}`] : []),
      ];
    case 'aggregate':
      return aggregateSelect(node, to);
    case 'join':
      return joinSelect(node, to);
    case 'sort':
      return sortSelect(node, to);
    case 'limit':
      return limitSelect(node, to);
    case 'first':
      return firstSelect(node, to);
    case 'union':
      return node.inputs.flatMap((input, index) => [...(index ? ['UNION ALL'] : []), ...every(input, to)]);
    case 'unnest':
      return unnestSelect(node, to);
    default:
      return node satisfies never;
  }
}

/** All of a relation. */
function every(input: Plan, { read }: Clauses): string[] {
  return [`SELECT ${star(input)}`, `FROM ${read(input)}`];
}

function valuesSelect(node: Node<'values'>): string[] {
  const names = node.columns.map(({ name }) => identifier(name)).join(', ');
  if (node.rows.length === 0) {
    const nulls = node.columns.map(
      ({ name, type }) => `NULL::${PHYSICAL_TYPES[type]} AS ${identifier(name)}`,
    );
    return [`SELECT ${nulls.join(', ')}`, 'WHERE FALSE'];
  }
  const rows = node.rows.map((row, index) => {
    const cells = row.map((cell, i) =>
      index === 0 && cell.value !== null && NEEDS_TYPE.has(cell.type)
        ? `${literalSql(cell)}::${PHYSICAL_TYPES[node.columns[i]!.type]}`
        : literalSql(cell),
    );
    return `${INDENT}(${cells.join(', ')})`;
  });
  return ['SELECT *', 'FROM (VALUES', rows.join(',\n'), `) AS rows(${names})`];
}

function seriesSelect(node: Node<'series'>, { value }: Clauses): string[] {
  const [from, to, step] = [value(node.from), value(node.to), value(node.step)];
  const item =
    node.from.type === 'datetime'
      ? `make_timestamp(epoch_us(${from}) + i * (${step} // 10))`
      : `${from} + i * ${step}`;
  return [
    `SELECT ${item} AS ${identifier(node.columns[0]!.name)}`,
    `FROM (SELECT unnest(range(${seriesCount(node.from.type, from, to, step)})) AS i)`,
  ];
}

function seriesCount(type: string, from: string, to: string, step: string): string {
  const span =
    type === 'datetime'
      ? `(epoch_us(${to}) - epoch_us(${from})) / ((${step}) / 10)`
      : `(${to} - ${from}) / (${step})`;
  return `coalesce(greatest(floor(${span})::BIGINT + 1, 0), 0)`;
}

function aggregateSelect(node: Node<'aggregate'>, to: Clauses): string[] {
  const all = [...node.keys, ...node.aggregates];
  const keys = node.keys.map((_, index) => index + 1).join(', ');
  const distinct = node.aggregates.length === 0;
  return [
    `SELECT${distinct ? ' DISTINCT' : ''}${outputs(to, null, all)}`,
    `FROM ${to.read(node.input)}`,
    ...(keys && !distinct ? [`GROUP BY ${keys}`] : []),
  ];
}

function joinSelect(node: Node<'join'>, to: Clauses): string[] {
  const { predicate, read } = to;
  const type = {
    inner: 'JOIN',
    left: 'LEFT JOIN',
    right: 'RIGHT JOIN',
    full: 'FULL JOIN',
    cross: 'CROSS JOIN',
  };
  const [left, right] = [read(node.left), read(node.right)];
  if (node.type === 'semi' || node.type === 'anti') {
    return [
      `SELECT${outputs(to, null, node.items)}`,
      `FROM ${left} AS l`,
      `${node.type.toUpperCase()} JOIN ${right} AS r`,
      `ON ${conjuncts(node.on, predicate)}`,
    ];
  }
  return [
    `SELECT${outputs(to, null, node.items)}`,
    `FROM ${left} AS l`,
    `${type[node.type]} ${right} AS r`,
    ...(node.type === 'cross' ? [] : [`ON ${conjuncts(node.on, predicate)}`]),
  ];
}

function sortSelect({ input, keys }: Node<'sort'>, to: Clauses): string[] {
  return [...every(input, to), `ORDER BY ${keys.map((key) => sortKey(key, to.value)).join(', ')}`];
}

/** A limit on what the same operator sorted is one SELECT with it. */
function limitSelect({ input, count, origin }: Node<'limit'>, to: Clauses): string[] {
  const sorted = input.kind === 'sort' && origin.label === input.origin.label;
  return [...(sorted ? sortSelect(input, to) : every(input, to)), `LIMIT ${to.value(count)}`];
}

function firstSelect({ input, keys, order }: Node<'first'>, to: Clauses): string[] {
  const by = order.length ? ` ORDER BY ${order.map((key) => sortKey(key, to.value)).join(', ')}` : '';
  const first = `row_number() OVER (PARTITION BY ${keys.map(to.value).join(', ')}${by}) = 1`;
  // DuckDB 1.5.6 makes an aggregate of such a window (top_n_window_elimination), which takes a sixth of the time, but above a
  // BETWEEN ends in an internal error. It does not see through IS TRUE.
  return [...every(input, to), `QUALIFY ${boundsBothSides(input) ? `(${first}) IS TRUE` : first}`];
}

function unnestSelect(node: Node<'unnest'>, { value, read }: Clauses): string[] {
  const lists = node.lists.map((list) => ({ sql: value(list.value), name: identifier(list.name) }));
  const elements = lists.map(({ sql, name }) => `unnest(${sql}) AS ${name}`);
  const longest =
    lists.length === 1
      ? `len(${lists[0]!.sql})`
      : `greatest(${lists.map(({ sql }) => `len(${sql})`).join(', ')})`;
  const index = node.index === undefined ? [] : [`unnest(range(${longest})) AS ${identifier(node.index)}`];
  return [`SELECT ${star(node.input)}, ${[...elements, ...index].join(', ')}`, `FROM ${read(node.input)}`];
}
