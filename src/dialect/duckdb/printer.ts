/** A plan as one readable DuckDB query: a CTE for every step, in the order a person would tell it. */
import type { Plan } from '../../plan/nodes.ts';
import type { Printed } from '../dialect.ts';
import { duckdbFunctions } from './functions/index.ts';
import { javascriptUsed } from './javascript/index.ts';
import { identifier, RESERVED } from './literals.ts';
import { macrosFor } from './macros.ts';
import { scalarPrinter } from './scalar.ts';
import { INDENT, selectPrinter } from './select.ts';

export function printDuckdb(plan: Plan, names: readonly string[], refs: readonly string[]): Printed {
  const printed = new Map<Plan, string>();
  const taken = new Set<string>();
  let recursive = false;
  const ctes: { name: string; body: string; plan: Plan }[] = [];

  const nameFor = (label: string): string => {
    const base = label.replace(/[^\p{L}\p{N}_$-]/gu, '_').replaceAll('-', '_') || 'step';
    const reserved = RESERVED.has(base.toUpperCase());
    let name = reserved ? `${base}_1` : base;
    for (let n = 2; taken.has(name.toLowerCase()); n += 1) name = `${base}_${n}`;
    taken.add(name.toLowerCase());
    return name;
  };

  const read = (node: Plan): string => {
    if (node.kind === 'scan') return identifier(node.table);
    const known = printed.get(node);
    if (known) return identifier(known);
    // What reads itself needs its name first.
    const itself = node.kind === 'fold' || node.kind === 'chain';
    recursive ||= itself;
    const own = itself ? nameFor(node.origin.label) : undefined;
    const body = own !== undefined && itself ? clauses.recursive(node, own).join('\n') : select(node);
    const name = own ?? nameFor(node.origin.label);
    printed.set(node, name);
    ctes.push({ name, body, plan: node });
    return identifier(name);
  };

  const scalars = scalarPrinter(duckdbFunctions, read);
  const clauses = selectPrinter(scalars.value, scalars.predicate, read);
  const select = (node: Exclude<Plan, { kind: 'scan' }>): string => clauses.select(node).join('\n');

  collectScans(plan, (table) => taken.add(table.toLowerCase()));
  const source = read(plan);
  const items = refs.map((ref, index) => alias(identifier(ref), names[index]!, ref));
  const whole =
    plan.kind !== 'scan' &&
    names.length === plan.columns.length &&
    names.every((name, i) => name === plan.columns[i]!.name);
  const final = `SELECT ${whole ? '*' : items.join(', ') || '*'}\nFROM ${source}`;
  const indent = (body: string) =>
    body
      .split('\n')
      .map((line) => INDENT + line)
      .join('\n');
  const header = ctes.map(({ name, body }) => `${identifier(name)} AS (\n${indent(body)}\n)`).join(',\n');
  const sql = header ? `WITH ${recursive ? 'RECURSIVE ' : ''}${header}\n${final}` : final;
  const macros = macrosFor(sql);
  return {
    sql,
    steps: ctes.map(({ name, plan: node }) => ({ cte: name, plan: node })),
    macros,
    javascript: javascriptUsed(`${sql} ${macros.join(' ')}`),
  };
}

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
