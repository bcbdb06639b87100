import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../error.ts';
import { nearest } from '../../nearest.ts';
import { ctesOf, isNamed, wordsOf } from './ctes.ts';
import type { Detection } from './detection.ts';
import { afterHeader, headerText } from './detection-header.ts';

/** The variant of a statement whose findings are processes; its column Who tells them apart. */
export const TOLD_APART = 'identity.told-apart';

/** The variant that gives what lies behind those, with the same Who. */
export const EVIDENCE_APART = 'identity.evidence.told-apart';

/** The line that divides the common table expressions from the SELECT that answers. */
const ANSWER = /\n-- answer[ \t]*\r?\n/g;

/**
 * The detection's statement with another answer, from the file `<name>.<variant>.sql` beside it, which goes on where
 * the answer would stand; `a.b` goes on from the CTEs of `a`. A file whose first comment says `goes on from: <CTE>` takes
 * the statement up to that CTE and puts its own in the place of what follows.
 */
export function detectionVariant(detection: Detection, variant: string): string {
  const names = variant.split('.');
  return names.reduce((sql, last, index) => {
    const file = fileFor(detection, names.slice(0, index + 1));
    if (file === undefined) throw new UsageError(`${detection.id} has no variant '${last}'`);
    const text = readFileSync(file, 'utf8').trimStart();
    const from = GOES_ON.exec(headerText(text) ?? '')?.[1];
    const before = from === undefined ? beforeAnswer(sql, file) : throughCte(sql, from, file);
    return before + (headerText(text) === undefined ? `\n${text}` : afterHeader(text));
  }, detection.sql);
}

const GOES_ON = /^\s*goes on from: *(\w+)\s*$/m;

/** Where there is no special file for the longer name, the last part alone goes on as well. */
function fileFor(detection: Detection, names: readonly string[]): URL | undefined {
  return [names.join('.'), names.at(-1)!]
    .map((name) => new URL(`${detection.id}.${name}.sql`, detection.folder))
    .find((file) => existsSync(file));
}

/** The path of the file that a variant's statement ends with. */
export function variantFile(detection: Detection, variant: string): string {
  return fileURLToPath(fileFor(detection, variant.split('.'))!);
}

/** The variants that lie beside a detection, by name. */
export function variantsOf({ id, folder }: Detection): string[] {
  const begins = `${id.split('/').at(-1)}.`;
  return readdirSync(new URL('./', new URL(id, folder)))
    .filter((name) => name.startsWith(begins) && name.endsWith('.sql'))
    .map((name) => name.slice(begins.length, -'.sql'.length))
    .filter((variant) => variant !== '')
    .sort();
}

/** Whether the detection has a file of that name beside it. */
export function hasVariant(detection: Detection, variant: string): boolean {
  return existsSync(new URL(`${detection.id}.${variant}.sql`, detection.folder));
}

/** A variant's statement up to one of its common table expressions, to ask that one something. */
export function detectionThrough(detection: Detection, variant: string, cte: string): string {
  return throughCte(
    detectionVariant(detection, variant),
    cte,
    new URL(`${detection.id}.sql`, detection.folder),
  );
}

function beforeAnswer(sql: string, file: URL): string {
  const answer = Array.from(sql.matchAll(ANSWER)).at(-1);
  if (answer !== undefined) return sql.slice(0, answer.index);
  throw new UsageError(`${fileURLToPath(file)}: what it goes on from has no line -- answer`, {
    hint: 'write -- answer on a line of its own, between the CTEs and the SELECT',
  });
}

/** The statement up to a common table expression, of which there must be one. */
function throughCte(sql: string, name: string, file: URL): string {
  const text = wordsOf(sql);
  const ctes = text === undefined ? [] : ctesOf(text).filter(({ depth }) => depth === 0);
  const cte = ctes.find(isNamed(name));
  if (cte !== undefined) return sql.slice(0, cte.end + 1);
  const names = ctes.map((each) => each.name);
  const near = nearest(name, names);
  throw new UsageError(`${fileURLToPath(file)}: goes on from: there is no CTE ${name}`, {
    hint: near === undefined ? `there are ${names.join(', ')}` : `did you mean ${near}?`,
  });
}
