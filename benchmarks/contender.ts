/** What every contender is given. */
export interface Task {
  /** The lake's folder. */
  readonly lake: string;
  readonly memory?: string | undefined;
  readonly threads: number;
  /** A folder to spill and to keep intermediate files in. */
  readonly temp: string;
}

/**
 * What a contender has to show. `rows` are the findings as `hits.rows()` gives them, or whatever else the
 * contenders of one question must agree on; they are compared before any time counts.
 */
export interface Answer {
  readonly rows: readonly unknown[];
  /** Parts of the time that are worth telling apart, in milliseconds. */
  readonly parts?: Readonly<Record<string, number>>;
  /** Other processes that did the work: their processor time is added to this one's, their memory stands for it. */
  readonly elsewhere?: { readonly cpu: number; readonly memory: number };
  /** What went through, where a question counts it. */
  readonly through?: { readonly rows: number; readonly bytes: number };
}

/** A contender's module: each of its functions answers a task. */
export type Contender = (task: Task) => Promise<Answer | NotInstalled>;

/** A contender that cannot be measured here, and what it lacks. */
export interface NotInstalled {
  readonly missing: string;
}
