/** What the SELECTs of plan nodes are written with: scalars, and the names of the relations that they read. */
import type { Item, Plan } from '../../plan/nodes.ts';
import type { Scalar } from '../../plan/scalar.ts';
import { identifier } from './literals.ts';
import type { ScalarPrinter } from './scalar.ts';

export const INDENT = '    ';

export interface Clauses extends ScalarPrinter {
  /** The name that a plan can be read by. */
  read(plan: Plan): string;
}

/** Of a list of outputs, ` a, b` where it is short, else one a line; `*` where a projection keeps all of its input in front. */
export function outputs({ value }: Clauses, input: Plan | null, list: readonly Item[]): string {
  const item = (each: Item) => output(each, value);
  const parts = keepsAll(input, list)
    ? ['*', ...list.slice(input!.columns.length).map(item)]
    : list.map(item);
  if (parts.length <= 3 && parts.join(', ').length < 80) return ` ${parts.join(', ')}`;
  return `\n${parts.map((part) => INDENT + part).join(',\n')}`;
}

function output({ name, value: scalar }: Item, value: ScalarPrinter['value']): string {
  if (scalar.kind === 'column' && scalar.name === name && !scalar.side) return identifier(name);
  // DuckDB takes a small whole number for INTEGER.
  const whole = scalar.kind === 'literal' && typeof scalar.value === 'bigint' && NEEDS_TYPE.has(scalar.type);
  return `${value(scalar)}${whole ? '::BIGINT' : ''} AS ${identifier(name)}`;
}

function keepsAll(input: Plan | null, list: readonly Item[]): boolean {
  const width = input?.columns.length ?? 0;
  return (
    width > 0 &&
    input!.kind !== 'scan' &&
    list.length >= width &&
    input!.columns.every(({ name }, index) => {
      const candidate = list[index]!;
      return candidate.name === name && candidate.value.kind === 'column' && candidate.value.name === name;
    })
  );
}

/** Types that a literal of DuckDB's does not have by itself. */
export const NEEDS_TYPE: ReadonlySet<string> = new Set(['long', 'timespan', 'real']);

/** A table may have more columns than the plan knows of; a step has just its own. */
export function star(input: Plan): string {
  if (input.kind !== 'scan') return '*';
  return input.columns.map(({ name }) => identifier(name)).join(', ');
}

/** One conjunct a line. */
export function conjuncts(scalar: Scalar, predicate: ScalarPrinter['predicate']): string {
  if (scalar.kind === 'call' && scalar.name === 'and') {
    return `${conjuncts(scalar.args[0]!, predicate)}\n  AND ${conjuncts(scalar.args[1]!, predicate)}`;
  }
  return unwrapped(predicate(scalar));
}

/** Without parentheses around the whole, unless an OR is within them, which binds less than the AND that may follow. */
function unwrapped(sql: string): string {
  if (!sql.startsWith('(') || !sql.endsWith(')')) return sql;
  let depth = 0;
  let quote = '';
  for (let index = 0; index < sql.length; index += 1) {
    const character = sql[index]!;
    if (quote) quote = character === quote ? '' : quote;
    else if (character === "'" || character === '"') quote = character;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (depth === 1 && OR.test(sql.slice(index, index + 4))) return sql;
    if (depth === 0 && index < sql.length - 1) return sql;
  }
  return sql.includes("E'") ? sql : sql.slice(1, -1);
}

const OR = /^\sOR\s$/;
