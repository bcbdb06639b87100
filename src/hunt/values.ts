import type { Bindings } from '../engine/run.ts';
import { UsageError } from '../error.ts';
import type { TimeBounds } from '../lake/view.ts';
import type { Detection } from './detection/detection.ts';
import { type ParameterSettings, type ParameterValues, resolveParameters } from './parameters.ts';
import { checkBounds } from './time.ts';

/**
 * The values of a detection's parameters, later layers of settings over earlier ones. Throws a UsageError where
 * they make no sense, by themselves or together.
 */
export function valuesFrom(detection: Detection, settings: readonly ParameterSettings[]): ParameterValues {
  const startOfRun = detection.parameters.some(({ name }) => name === 'now') ? [{ now: new Date() }] : [];
  const values = resolveParameters(detection.parameters, [...startOfRun, ...settings]);
  checkTimes(values);
  return values;
}

/** Throws a UsageError where bounds or spans of time make no sense. */
export function checkTimes(values: ParameterValues): void {
  const { since, until, window, lookback, identity_gap } = values as Record<
    string,
    bigint | null | undefined
  >;
  checkBounds({ since, until });
  if (values.tolerance != null && (values.tolerance as bigint) < 0n) {
    throw new UsageError('parameter tolerance: expected a timespan of zero or more', {
      hint: 'for example tolerance=5s',
    });
  }
  for (const [name, value] of Object.entries({ window, lookback, identity_gap })) {
    if (value != null && value <= 0n) {
      throw new UsageError(`parameter ${name}: expected a timespan greater than zero`, {
        hint: `for example ${name}=15m`,
      });
    }
  }
}

/** The present, as a hunt's parameters have it: rules that hide findings expire by it. */
export function presentOf({ now }: ParameterValues): Date {
  return typeof now === 'bigint' ? new Date(Number(now / 1000n)) : new Date();
}

/** The bounds that reach the files: what the statement's own filters let through lies within them. */
export function timeBounds(values: ParameterValues): TimeBounds {
  const { since, until, lookback, now } = values as Record<string, bigint | null | undefined>;
  const from = since ?? undefined;
  const afterLookback = lookback != null && now != null ? now - lookback : undefined;
  return {
    since: from === undefined || (afterLookback !== undefined && afterLookback > from) ? afterLookback : from,
    until: until ?? undefined,
  };
}

/** The engine refuses a value for a parameter that the statement does not have. */
export function usedIn(sql: string, { values, types }: Bindings): Bindings {
  const used = new Set(Array.from(sql.matchAll(/\$(\w+)/g), ([, name]) => name));
  const only = <T>(all: Record<string, T>) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => used.has(name)));
  return { values: only(values), types: only(types) };
}
