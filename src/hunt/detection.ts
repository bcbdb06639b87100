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
  /**
   * The common table expressions that read the lake and keep little of it, and how each parameter that filters
   * them is compared (see hunt/batch/strictness.ts). With them the detection can run in batches.
   */
  readonly extractions: Readonly<Record<string, Readonly<Record<string, Strictness>>>>;
  /** Of the columns it reads, by table, those that its evidence alone needs. */
  readonly evidenceOnly: Readonly<Record<string, readonly string[]>>;
  /** What makes two findings of different runs the same one; undefined where the detection has no batches. */
  readonly finding: FindingKey | undefined;
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

/**
 * How a filter changes with its parameter: a list that selects keeps fewer rows when it is shorter, one that
 * excludes keeps fewer when it is longer; any other value keeps other rows.
 */
export type Strictness = 'selects' | 'excludes' | 'equals';

/** Columns of the findings. None of the identity is a time: times move when late data arrives. */
export interface FindingKey {
  readonly identity: readonly string[];
  /** The first and the last event of a finding. */
  readonly first: string;
  readonly last: string;
  /** The parameter that says how long before the first event others may lie that the finding rests on. */
  readonly reach: string;
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
  if (typeof name !== 'string') throw new UsageError('a detection is named by text, such as t1573.001');
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
 * The detection's statement with another answer: the common table expressions of its own file, then those of
 * `<name>.<variant>.sql` beside it, which goes on where the answer would stand.
 */
export function detectionVariant(detection: Detection, variant: string): string {
  const file = new URL(`${detection.id}.${variant}.sql`, DETECTIONS);
  if (!existsSync(file)) throw new UsageError(`${detection.id} has no variant '${variant}'`);
  const more = readFileSync(file, 'utf8');
  return detection.sql.slice(0, detection.sql.indexOf(ANSWER)) + stripHeader(more);
}

/** The text of a macro that a detection names, from `sql/macros/`. */
export function macroText(name: string): string {
  return readFileSync(new URL(`sql/macros/${name}.sql`, PACKAGE), 'utf8');
}

function detectionIds(): string[] {
  return readdirSync(DETECTIONS, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /^[^/]+\/[^/.]+\.sql$/.test(path))
    .map((path) => path.slice(0, -'.sql'.length))
    .sort();
}

interface Header
  extends Omit<Detection, 'parameters' | 'evidenceOnly' | 'falsePositives' | 'blindSpots' | 'sql'> {
  readonly evidence_only?: Record<string, string[]>;
  readonly parameters: Record<string, { type: ParameterType; description: string; default: unknown }>;
  readonly false_positives: string[];
  readonly blind_spots: string[];
}

function readDetection(id: string): Detection {
  const text = readFileSync(new URL(`${id}.sql`, DETECTIONS), 'utf8');
  const { evidence_only, false_positives, blind_spots, ...header } = parse(
    text.slice(2, text.indexOf('*/')),
  ) as Header;
  return {
    ...header,
    recorded: header.recorded ?? {},
    macros: header.macros ?? [],
    extractions: header.extractions ?? {},
    evidenceOnly: evidence_only ?? {},
    finding: header.finding,
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
