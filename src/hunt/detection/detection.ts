import type { ParameterDefinition } from '../parameters.ts';

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
  /** What a user may set, in the order of the header. */
  readonly parameters: readonly ParameterDefinition[];
  /** Boolean bindings that say whether the lake has an optional column (`Table.Column`). */
  readonly recorded: Readonly<Record<string, string>>;
  /** Names of the files in `sql/macros/` that its statement needs. */
  readonly macros: readonly string[];
  /**
   * The common table expressions that read the lake and keep little of it, and how each parameter that filters
   * them is compared (see hunt/batch/extract/strictness.ts). With them the detection can run in batches.
   */
  readonly extractions: Readonly<Record<string, Readonly<Record<string, Strictness>>>>;
  /** Of the columns it reads, by table, those that its evidence alone needs. */
  readonly evidenceOnly: Readonly<Record<string, readonly string[]>>;
  /** Of the columns it reads, by table, those whose null strings the statement itself turns into ''. */
  readonly nullStrings: Readonly<Record<string, readonly string[]>>;
  /** What makes two findings of different runs the same one; undefined where the detection has no batches. */
  readonly finding: FindingKey | undefined;
  /** Ordinary software that it finds, one sentence each. */
  readonly falsePositives: readonly string[];
  /** What it does not find, one sentence each. */
  readonly blindSpots: readonly string[];
  readonly references: readonly string[];
  /** YYYY-MM-DD. */
  readonly created: string;
  /** YYYY-MM-DD. */
  readonly updated: string;
  /** Other detections of its technique whose findings it combines, by the name under which it reads them. */
  readonly combines?: Readonly<Record<string, string>>;
  /** Whether the technique's id alone means this one. */
  readonly flagship: boolean;
  /** Tables of `tables` that a lake may lack: they are then empty. */
  readonly optionalTables: readonly string[];
  /** The folder of detections that it lies in. */
  readonly folder: URL;
  /** The statement: common table expressions, then the answer. */
  readonly sql: string;
}

/**
 * How a filter changes with its parameter: a list that selects keeps fewer rows when it is shorter, one that
 * excludes keeps fewer when it is longer; any other value keeps other rows.
 */
export type Strictness = 'selects' | 'excludes' | 'equals';

/**
 * Columns of the findings. None of the identity is the time of an event, which moves when late data arrives; when a
 * process was created does not.
 */
export interface FindingKey {
  readonly identity: readonly string[];
  /** What tells findings apart besides, of which it is not known by its PID which process they are of. */
  readonly without_pid?: readonly string[];
  /** The first and the last event of a finding. */
  readonly first: string;
  readonly last: string;
  /** The parameter that says how long before the first event others may lie that the finding rests on, if any may. */
  readonly reach?: string;
  /** The time, unless it is null, of an earlier event that the finding may rest on. */
  readonly since?: string;
  /**
   * Where a finding rests on pairs of events, one of each of two tables: the columns in which the two are alike. The
   * second comes at most `reach` after the first, and at most the parameter `tolerance` before it.
   */
  readonly pairs?: { readonly tables: readonly [string, string]; readonly alike: readonly string[] };
}
