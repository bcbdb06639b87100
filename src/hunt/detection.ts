import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { UsageError } from '../error.ts';
import { nearest } from '../nearest.ts';
import type { ParameterDefinition, ParameterType } from './parameters.ts';

/** A detection: the header of its file, and the SQL under it. */
export interface Detection {
  /** `technique/name`, both as in its path: `t1573.001/symmetric-cryptography-c2`. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly technique: { readonly id: string; readonly name: string };
  readonly tactic: { readonly id: string; readonly name: string };
  readonly severity: 'informational' | 'low' | 'medium' | 'high';
  readonly confidence: 'low' | 'medium' | 'high';
  /** The columns it reads, by table. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
  readonly parameters: readonly ParameterDefinition[];
  /** Boolean bindings that say whether the lake has an optional column (`Table.Column`). */
  readonly recorded: Readonly<Record<string, string>>;
  readonly macros: readonly string[];
  readonly falsePositives: readonly string[];
  readonly blindSpots: readonly string[];
  readonly references: readonly string[];
  readonly created: string;
  readonly updated: string;
  /** Whether the technique's id alone means this one. */
  readonly flagship: boolean;
  /** The statement: common table expressions, then the answer. */
  readonly sql: string;
}

const PACKAGE = new URL('../../', import.meta.url);
const DETECTIONS = new URL('sql/detections/', PACKAGE);

/** The line that divides the common table expressions from the SELECT that answers. */
const ANSWER = '\n-- answer\n';

/** All shipped detections, in order of their ids. */
export function listDetections(): Detection[] {
  return detectionIds().map(readDetection);
}

/** The detection that a name means: `t1573.001/symmetric-cryptography-c2`, or `t1573.001` for its flagship. */
export function findDetection(name: string): Detection {
  const folded = name.toLowerCase();
  const ids = detectionIds();
  if (ids.includes(folded)) return readDetection(folded);
  const flagship = ids
    .filter((id) => id.startsWith(`${folded}/`))
    .map(readDetection)
    .find((detection) => detection.flagship);
  if (flagship !== undefined) return flagship;
  const names = [...ids, ...ids.map((id) => id.split('/')[0]!)];
  const near = nearest(folded, names);
  throw new UsageError(`unknown detection '${name}'`, {
    hint: near === undefined ? `there are ${ids.join(', ')}` : `did you mean ${near}?`,
  });
}

/**
 * The detection's statement with another answer, from the file `<name>.<variant>.sql` beside it, which goes on where
 * the answer would stand; `a.b` goes on from the CTEs of `a`. A file whose comment says `goes on from: <CTE>` takes
 * the statement up to that CTE and puts its own in the place of what follows.
 */
export function detectionVariant(detection: Detection, variant: string): string {
  const file = (name: string) => new URL(`${detection.id}.${name}.sql`, DETECTIONS);
  const exists = (name: string) => existsSync(file(name));
  const names = variant.split('.');
  // Where there is no special file for the longer name, the last part alone goes on as well.
  const chain = names.map((_, index) => names.slice(0, index + 1).join('.'));
  return chain.reduce((sql, name, index) => {
    const text = readFileSync(file(exists(name) ? name : names[index]!), 'utf8');
    const from = /^goes on from: (\w+)$/m.exec(text.slice(0, text.indexOf('*/')))?.[1];
    return (from === undefined ? beforeAnswer(sql) : throughCte(sql, from)) + stripHeader(text);
  }, detection.sql);
}

function beforeAnswer(sql: string): string {
  return sql.slice(0, sql.indexOf(ANSWER));
}

/** CTEs of our statements close with a bracket that begins its line. */
function throughCte(sql: string, name: string): string {
  const start = sql.indexOf(`\n${name} AS (\n`);
  return sql.slice(0, sql.indexOf('\n)', start) + 2);
}

function detectionIds(): string[] {
  return readdirSync(DETECTIONS, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /^[^/]+\/[^/.]+\.sql$/.test(path))
    .map((path) => path.slice(0, -'.sql'.length))
    .sort();
}

interface Header extends Omit<Detection, 'parameters' | 'falsePositives' | 'blindSpots' | 'sql'> {
  readonly parameters: Record<string, { type: ParameterType; description: string; default: unknown }>;
  readonly false_positives: string[];
  readonly blind_spots: string[];
}

function readDetection(id: string): Detection {
  const text = readFileSync(new URL(`${id}.sql`, DETECTIONS), 'utf8');
  const { false_positives, blind_spots, ...header } = parse(text.slice(2, text.indexOf('*/'))) as Header;
  return {
    ...header,
    recorded: header.recorded ?? {},
    macros: header.macros ?? [],
    flagship: header.flagship ?? false,
    parameters: Object.entries(header.parameters).map(([name, each]) => ({ name, ...each })),
    falsePositives: false_positives,
    blindSpots: blind_spots,
    sql: stripHeader(text),
  };
}

function stripHeader(text: string): string {
  return text.slice(text.indexOf('*/') + 2).trimStart();
}
