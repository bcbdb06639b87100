import { existsSync, readFileSync } from 'node:fs';
import { UsageError } from '../../error.ts';
import type { Detection } from './detection.ts';
import { afterHeader } from './detection-header.ts';

/** The variant of a statement whose findings are processes; its column Who tells them apart. */
export const TOLD_APART = 'identity.told-apart';

/** The variant that gives what lies behind those, with the same Who. */
export const EVIDENCE_APART = 'identity.evidence.told-apart';

/** The line that divides the common table expressions from the SELECT that answers. */
const ANSWER = '\n-- answer\n';

/**
 * The detection's statement with another answer, from the file `<name>.<variant>.sql` beside it, which goes on where
 * the answer would stand; `a.b` goes on from the CTEs of `a`. A file whose comment says `goes on from: <CTE>` takes
 * the statement up to that CTE and puts its own in the place of what follows.
 */
export function detectionVariant(detection: Detection, variant: string): string {
  const file = (name: string) => new URL(`${detection.id}.${name}.sql`, detection.folder);
  const names = variant.split('.');
  return names.reduce((sql, last, index) => {
    // Where there is no special file for the longer name, the last part alone goes on as well.
    const found = [names.slice(0, index + 1).join('.'), last].find((name) => existsSync(file(name)));
    if (found === undefined) throw new UsageError(`${detection.id} has no variant '${last}'`);
    const text = readFileSync(file(found), 'utf8');
    const from = /^goes on from: (\w+)$/m.exec(text.slice(0, text.indexOf('*/')))?.[1];
    return (from === undefined ? beforeAnswer(sql) : throughCte(sql, from)) + afterHeader(text);
  }, detection.sql);
}

/** Whether the detection has a file of that name beside it. */
export function hasVariant(detection: Detection, variant: string): boolean {
  return existsSync(new URL(`${detection.id}.${variant}.sql`, detection.folder));
}

/** A variant's statement up to one of its common table expressions, to ask that one something. */
export function detectionThrough(detection: Detection, variant: string, cte: string): string {
  return throughCte(detectionVariant(detection, variant), cte);
}

function beforeAnswer(sql: string): string {
  return sql.slice(0, sql.indexOf(ANSWER));
}

/** CTEs of our statements close with a bracket that begins its line. */
function throughCte(sql: string, name: string): string {
  const start = sql.search(new RegExp(`\n${name} AS (?:NOT MATERIALIZED )?\\(\n`));
  return sql.slice(0, sql.indexOf('\n)', start) + 2);
}
