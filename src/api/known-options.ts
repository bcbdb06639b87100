import type { RunOptions } from '../engine/run.ts';
import { UsageError } from '../error.ts';
import type { KqlRequest } from '../hunt/kql.ts';
import type { Columns } from '../hunt/run.ts';
import type { TranslateOptions } from '../kql/translate.ts';
import type { LakeOptions } from '../lake/lake.ts';
import { nearest } from '../nearest.ts';

/** The options of each kind, by name: one that is forgotten here does not compile. */
type Known<Options> = Readonly<Record<keyof Options, true>>;

const RUN: Known<RunOptions> = { signal: true, onProgress: true };

export const LAKE_OPTIONS: Known<LakeOptions> = {
  memory: true,
  threads: true,
  temp: true,
  skipUnreadable: true,
  dedupe: true,
  partitionDate: true,
  classifyAddresses: true,
  watchlists: true,
  remote: true,
  onWarning: true,
};

export const SQL_CONTROL: Known<RunOptions & { since: unknown; until: unknown }> = {
  ...RUN,
  since: true,
  until: true,
};

export const KQL_REQUEST: Known<KqlRequest> = {
  ...RUN,
  now: true,
  parameters: true,
  ingestionTime: true,
  file: true,
  onNote: true,
};

export const TRANSLATE_OPTIONS: Known<Omit<TranslateOptions, 'tables' | 'environment'>> = {
  now: true,
  parameters: true,
  discovered: true,
  mode: true,
};

/**
 * Refuses an option that is none, as plain JavaScript lets one write it: unheeded, a mistyped time bound or limit
 * would bound nothing.
 */
export function refuseUnknown(options: object, known: Readonly<Record<string, true>>): void {
  const stray = Object.keys(options).find((name) => !(name in known));
  if (stray === undefined) return;
  const near = nearest(stray, Object.keys(known));
  throw new UsageError(`unknown option '${stray}'`, {
    hint: near === undefined ? `there are ${Object.keys(known).join(', ')}` : `did you mean ${near}?`,
  });
}

/** Refuses columns that are neither the reference's nor all. */
export function checkColumns(columns: Columns | undefined): void {
  if (columns === undefined || columns === 'reference' || columns === 'all') return;
  throw new UsageError(`columns: expected reference or all, got ${JSON.stringify(columns)}`);
}
