/** A plan as one readable DuckDB query: a CTE for every step, in the order a person would tell it. */
import type { Plan } from '../../plan/nodes.ts';
import type { Printed } from '../dialect.ts';
import { type Clauses, INDENT } from './clauses.ts';
import { duckdbFunctions } from './functions/index.ts';
import { javascriptUsed } from './javascript/index.ts';
import { identifier, RESERVED } from './literals.ts';
import { macrosFor } from './macros.ts';
import { recursiveSelect } from './recursive-select.ts';
import { scalarPrinter } from './scalar.ts';
import { selectOf } from './select.ts';

export function printDuckdb(plan: Plan, names: readonly string[], refs: readonly string[]): Printed {
  const steps = new Steps(plan);
  const source = steps.read(plan);
  const items = refs.map((ref, index) => alias(identifier(ref), names[index]!, ref));
  const whole =
    plan.kind !== 'scan' &&
    names.length === plan.columns.length &&
    names.every((name, i) => name === plan.columns[i]!.name);
  const final = `SELECT ${whole ? '*' : items.join(', ') || '*'}\nFROM ${source}`;
  const header = steps.printed
    .map(({ cte, body }) => `${identifier(cte)} AS (\n${indented(body)}\n)`)
    .join(',\n');
  const sql = header ? `WITH ${steps.recursive ? 'RECURSIVE ' : ''}${header}\n${final}` : final;
  const macros = macrosFor(sql);
  return {
    sql,
    steps: steps.printed.map(({ cte, plan: node }) => ({ cte, plan: node })),
    macros,
    javascript: javascriptUsed(`${sql} ${macros.join(' ')}`),
  };
}

/** The steps of one query: each node is printed when it is first read, under a name of its own. */
class Steps {
  readonly printed: { cte: string; body: string; plan: Plan }[] = [];
  recursive = false;
  readonly #names = new Map<Plan, string>();
  readonly #taken = new Set<string>();
  readonly #clauses: Clauses;

  constructor(plan: Plan) {
    collectScans(plan, (table) => this.#taken.add(table.toLowerCase()));
    const read = (node: Plan) => this.read(node);
    this.#clauses = { ...scalarPrinter(duckdbFunctions, read), read };
  }

  /** The name that a node can be read by, which is printed first where it has not been. */
  read(node: Plan): string {
    if (node.kind === 'scan') return identifier(node.table);
    const known = this.#names.get(node);
    if (known !== undefined) return identifier(known);
    const { cte, lines } = this.#print(node);
    this.#names.set(node, cte);
    this.printed.push({ cte, body: lines.join('\n'), plan: node });
    return identifier(cte);
  }

  #print(node: Exclude<Plan, { kind: 'scan' }>): { cte: string; lines: string[] } {
    if (node.kind === 'fold' || node.kind === 'chain') {
      // What reads itself needs its name first.
      this.recursive = true;
      const cte = this.#nameFor(node.origin.label);
      return { cte, lines: recursiveSelect(node, cte, this.#clauses) };
    }
    const lines = selectOf(node, this.#clauses);
    return { cte: this.#nameFor(node.origin.label), lines };
  }

  #nameFor(label: string): string {
    const base = label.replace(/[^\p{L}\p{N}_$-]/gu, '_').replaceAll('-', '_') || 'step';
    const reserved = RESERVED.has(base.toUpperCase());
    let name = reserved ? `${base}_1` : base;
    for (let n = 2; this.#taken.has(name.toLowerCase()); n += 1) name = `${base}_${n}`;
    this.#taken.add(name.toLowerCase());
    return name;
  }
}

/** A line break within a name is the name's. */
function indented(body: string): string {
  return INDENT + body.replace(BREAK, (found) => (found === '\n' ? `\n${INDENT}` : found));
}

/** Strings, names, and the line breaks outside of them. */
const BREAK = /\bE'(?:\\.|[^'\\])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\n/g;

function collectScans(plan: Plan, visit: (table: string) => void): void {
  const seen = new Set<unknown>();
  const walk = (value: unknown): void => {
    if (value === null || typeof value !== 'object' || seen.has(value)) return;
    seen.add(value);
    const node = value as { kind?: string; table?: string };
    if (node.kind === 'scan') visit(node.table!);
    for (const child of Object.values(value)) walk(child);
  };
  walk(plan);
}

function alias(sql: string, name: string, ref?: string): string {
  return name === ref ? sql : `${sql} AS ${identifier(name)}`;
}
