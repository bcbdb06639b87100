/** Steps that read themselves, as the two SELECTs of a recursive CTE. */
import type { Plan } from '../../plan/nodes.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { type Clauses, INDENT } from './clauses.ts';
import { identifier, PHYSICAL_TYPES } from './literals.ts';

export type Recursive = Extract<Plan, { kind: 'fold' | 'chain' }>;

/** The lines of a step that is called `name`. */
export function recursiveSelect(node: Recursive, name: string, to: Clauses): string[] {
  return node.kind === 'fold' ? fold(node, name, to) : chain(node, name, to);
}

/** A row at a time: the state before it on the left, the row on the right. */
function fold(
  node: Extract<Plan, { kind: 'fold' }>,
  name: string,
  { value, predicate, read }: Clauses,
): string[] {
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

/** Each round goes twice as far as the one before: after the last, every row that is reached was marked. */
function chain(node: Extract<Plan, { kind: 'chain' }>, name: string, { read }: Clauses): string[] {
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
