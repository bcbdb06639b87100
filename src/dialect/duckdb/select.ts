/** One node of a plan as one SELECT. */
import type { Item, Plan } from '../../plan/nodes.ts';
import type { Scalar } from '../../plan/scalar.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { identifier, literalSql, PHYSICAL_TYPES } from './literals.ts';
import { sortKey } from './scalar.ts';

export const INDENT = '    ';

type Print = (scalar: Scalar) => string;
/** Steps that read themselves. */
type Recursive = Extract<Plan, { kind: 'fold' | 'chain' }>;

export function selectPrinter(value: Print, predicate: Print, read: (plan: Plan) => string) {
  const item = ({ name, value: scalar }: Item): string => {
    if (scalar.kind === 'column' && scalar.name === name && !scalar.side) return identifier(name);
    // DuckDB takes a small whole number for INTEGER.
    const whole =
      scalar.kind === 'literal' && typeof scalar.value === 'bigint' && NEEDS_TYPE.has(scalar.type);
    return `${value(scalar)}${whole ? '::BIGINT' : ''} AS ${identifier(name)}`;
  };

  /** `*` where a projection keeps all of its input in front. */
  const items = (input: Plan | null, list: readonly Item[]): string => {
    const width = input?.columns.length ?? 0;
    const keeps =
      width > 0 &&
      input!.kind !== 'scan' &&
      list.length >= width &&
      input!.columns.every(({ name }, i) => {
        const candidate = list[i]!;
        return candidate.name === name && candidate.value.kind === 'column' && candidate.value.name === name;
      });
    const parts = keeps ? ['*', ...list.slice(width).map(item)] : list.map(item);
    if (parts.length <= 3 && parts.join(', ').length < 80) return ` ${parts.join(', ')}`;
    return `\n${parts.map((part) => INDENT + part).join(',\n')}`;
  };

  const select = (node: Exclude<Plan, { kind: 'scan' }>): string[] => {
    switch (node.kind) {
      case 'values':
        return valuesSelect(node);
      case 'series': {
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
      case 'filter':
        return [
          `SELECT ${star(node.input)}`,
          `FROM ${read(node.input)}`,
          `WHERE ${conjuncts(node.predicate, predicate)}`,
        ];
      case 'project':
        return [
          `SELECT${items(node.input, node.items)}`,
          ...(node.input ? [`FROM ${read(node.input)}`] : []),
        ];
      case 'aggregate': {
        const all = [...node.keys, ...node.aggregates];
        const keys = node.keys.map((_, index) => index + 1).join(', ');
        const lines = [`SELECT${items(null, all)}`, `FROM ${read(node.input)}`];
        if (node.aggregates.length === 0) return [`SELECT DISTINCT${items(null, all)}`, lines[1]!];
        return keys ? [...lines, `GROUP BY ${keys}`] : lines;
      }
      case 'join':
        return joinSelect(node);
      case 'sort':
        return [
          `SELECT ${star(node.input)}`,
          `FROM ${read(node.input)}`,
          `ORDER BY ${node.keys.map((key) => sortKey(key, value)).join(', ')}`,
        ];
      case 'limit':
        return node.input.kind === 'sort' && node.origin.label === node.input.origin.label
          ? [
              `SELECT ${star(node.input.input)}`,
              `FROM ${read(node.input.input)}`,
              `ORDER BY ${node.input.keys.map((key) => sortKey(key, value)).join(', ')}`,
              `LIMIT ${value(node.count)}`,
            ]
          : [`SELECT ${star(node.input)}`, `FROM ${read(node.input)}`, `LIMIT ${value(node.count)}`];
      case 'first': {
        const order = node.order.length
          ? ` ORDER BY ${node.order.map((key) => sortKey(key, value)).join(', ')}`
          : '';
        return [
          `SELECT ${star(node.input)}`,
          `FROM ${read(node.input)}`,
          `QUALIFY row_number() OVER (PARTITION BY ${node.keys.map(value).join(', ')}${order}) = 1`,
        ];
      }
      case 'union':
        return node.inputs.flatMap((input, index) => [
          ...(index ? ['UNION ALL'] : []),
          `SELECT ${star(input)}`,
          `FROM ${read(input)}`,
        ]);
      case 'unnest':
        return unnestSelect(node);
      case 'fold':
      case 'chain':
        throw new TypeError(`a ${node.kind} is printed under its name`);
      default:
        return node satisfies never;
    }
  };

  /** A row at a time: the state before it on the left, the row on the right. */
  function fold(node: Extract<Plan, { kind: 'fold' }>, name: string): string[] {
    const [row, hit, matched] = [identifier(node.row), identifier(node.hit), predicate(node.matched)];
    const cast = (sql: string, type: KqlType): string => `(${sql})::${PHYSICAL_TYPES[type]}`;
    const first = node.states.map(
      (state) => `${cast(value(state.initial), state.value.type)} AS ${identifier(state.name)}`,
    );
    const next = node.states.map(
      (state) =>
        `CASE WHEN ${matched} THEN ${cast(value(state.value), state.value.type)} ELSE l.${identifier(state.name)} END AS ${identifier(state.name)}`,
    );
    const line = (items: readonly string[]): string => items.map((item) => `\n${INDENT}${item}`).join(',');
    return [
      `SELECT${line([`0::BIGINT AS ${row}`, ...first, `FALSE AS ${hit}`])}`,
      'UNION ALL',
      `SELECT${line([`r.${row}`, ...next, `coalesce(${matched}, FALSE) AS ${hit}`])}`,
      `FROM ${identifier(name)} AS l`,
      `JOIN ${read(node.input)} AS r`,
      `ON r.${row} = l.${row} + 1`,
    ];
  }

  function valuesSelect(node: Extract<Plan, { kind: 'values' }>): string[] {
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

  function joinSelect(node: Extract<Plan, { kind: 'join' }>): string[] {
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
        `SELECT${items(null, node.items)}`,
        `FROM ${left} AS l`,
        `${node.type.toUpperCase()} JOIN ${right} AS r`,
        `ON ${conjuncts(node.on, predicate)}`,
      ];
    }
    return [
      `SELECT${items(null, node.items)}`,
      `FROM ${left} AS l`,
      `${type[node.type]} ${right} AS r`,
      ...(node.type === 'cross' ? [] : [`ON ${conjuncts(node.on, predicate)}`]),
    ];
  }

  function unnestSelect(node: Extract<Plan, { kind: 'unnest' }>): string[] {
    const lists = node.lists.map((list) => ({ sql: value(list.value), name: identifier(list.name) }));
    const elements = lists.map(({ sql, name }) => `unnest(${sql}) AS ${name}`);
    const longest =
      lists.length === 1
        ? `len(${lists[0]!.sql})`
        : `greatest(${lists.map(({ sql }) => `len(${sql})`).join(', ')})`;
    const index = node.index === undefined ? [] : [`unnest(range(${longest})) AS ${identifier(node.index)}`];
    return [`SELECT ${star(node.input)}, ${[...elements, ...index].join(', ')}`, `FROM ${read(node.input)}`];
  }

  /** Each round goes twice as far as the one before: after the last, every row that is reached was marked. */
  function chain(node: Extract<Plan, { kind: 'chain' }>, name: string): string[] {
    const [itself, row, next] = [name, node.row, node.next].map(identifier);
    const going = 'reached AND next IS NOT NULL';
    return [
      `SELECT ${row}, ${next} AS next, coalesce(${identifier(node.first)}, FALSE) AS reached`,
      `FROM ${read(node.input)}`,
      'UNION ALL',
      `SELECT l.${row}, r.next, l.reached OR hits.next IS NOT NULL`,
      `FROM ${itself} AS l`,
      `LEFT JOIN ${itself} AS r ON r.${row} = l.next`,
      `LEFT JOIN (SELECT DISTINCT next FROM ${itself} WHERE ${going}) AS hits ON hits.next = l.${row}`,
      `WHERE EXISTS (FROM ${itself} WHERE ${going})`,
    ];
  }

  const recursive = (node: Recursive, name: string): string[] =>
    node.kind === 'fold' ? fold(node, name) : chain(node, name);

  return { select, recursive };
}

/** A table may have more columns than the plan knows of; a step has just its own. */
function star(input: Plan): string {
  if (input.kind !== 'scan') return '*';
  return input.columns.map(({ name }) => identifier(name)).join(', ');
}

const NEEDS_TYPE: ReadonlySet<string> = new Set(['long', 'timespan', 'real']);

/** One conjunct a line. */
function conjuncts(scalar: Scalar, predicate: Print): string {
  if (scalar.kind === 'call' && scalar.name === 'and') {
    return `${conjuncts(scalar.args[0]!, predicate)}\n  AND ${conjuncts(scalar.args[1]!, predicate)}`;
  }
  const sql = predicate(scalar);
  return scalar.kind === 'call' && scalar.name === 'or' ? sql : unwrapped(sql);
}

/** Without parentheses around the whole. */
export function unwrapped(sql: string): string {
  if (!sql.startsWith('(') || !sql.endsWith(')')) return sql;
  let depth = 0;
  let quote = '';
  for (let index = 0; index < sql.length; index += 1) {
    const character = sql[index]!;
    if (quote) quote = character === quote ? '' : quote;
    else if (character === "'" || character === '"') quote = character;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    if (depth === 0 && index < sql.length - 1) return sql;
  }
  return sql.includes("E'") ? sql : sql.slice(1, -1);
}

function seriesCount(type: string, from: string, to: string, step: string): string {
  const span =
    type === 'datetime'
      ? `(epoch_us(${to}) - epoch_us(${from})) / ((${step}) / 10)`
      : `(${to} - ${from}) / (${step})`;
  return `coalesce(greatest(floor(${span})::BIGINT + 1, 0), 0)`;
}
