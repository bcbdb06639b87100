import type { RunOptions } from '../engine/run.ts';
import { UsageError } from '../error.ts';
import type { KqlRequest } from '../hunt/kql.ts';
import type { Columns, Variant } from '../hunt/prepare.ts';
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
  checkOptions(options);
  const stray = Object.keys(options).find((name) => !(name in known));
  if (stray === undefined) return;
  const near = nearest(stray, Object.keys(known));
  throw new UsageError(`unknown option '${stray}'`, {
    hint: near === undefined ? `there are ${Object.keys(known).join(', ')}` : `did you mean ${near}?`,
  });
}

/** Refuses what is no object of options, and a signal that is none. */
export function checkOptions(options: { readonly signal?: unknown }): void {
  if (typeof options !== 'object' || options === null) {
    throw new UsageError(`options: expected an object, got ${JSON.stringify(options)}`);
  }
  const { signal } = options;
  if (signal === undefined || typeof (signal as AbortSignal | null)?.throwIfAborted === 'function') return;
  throw new UsageError(`signal: expected an AbortSignal, got ${JSON.stringify(signal)}`, {
    hint: 'for example AbortSignal.timeout(60_000), or the signal of an AbortController',
  });
}

const COLUMNS: Known<Record<Columns, unknown>> = { reference: true, all: true };
const VARIANTS: Known<Record<Variant, unknown>> = {
  findings: true,
  evidence: true,
  activity: true,
  stages: true,
};

/** Refuses columns that are neither the reference's nor all, and a variant that no detection has. */
export function checkHunt({
  columns,
  variant,
}: {
  readonly columns?: unknown;
  readonly variant?: unknown;
}): void {
  checkChoice('columns', columns, COLUMNS);
  checkChoice('variant', variant, VARIANTS);
}

function checkChoice(name: string, value: unknown, known: Readonly<Record<string, true>>): void {
  if (value === undefined || (typeof value === 'string' && Object.hasOwn(known, value))) return;
  const choices = Object.keys(known);
  const near = nearest(String(value), choices);
  throw new UsageError(`${name}: expected one of ${choices.join(', ')}, got ${JSON.stringify(value)}`, {
    ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
  });
}
