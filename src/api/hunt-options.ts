import type { RunOptions } from '../engine/run.ts';
import type { ParameterSettings, ParameterValues } from '../hunt/parameters.ts';
import type { Columns, Variant } from '../hunt/prepare.ts';
import type { SuppressionReport, SuppressionRequest } from '../hunt/suppress/suppress.ts';
import type { SuppressionRule } from '../hunt/suppress/suppressions.ts';
import { presentOf } from '../hunt/values.ts';
import { checkOptions } from './known-options.ts';

/** How a hunt runs; everything else in the options is a parameter of the detection. */
export interface HuntControl extends RunOptions {
  /** The findings (default), or every matched pair behind them (`evidence`), or what each stage kept (`stages`). */
  readonly variant?: Variant | undefined;
  /** `all` adds columns to the right that say which process it was and count each connection once. */
  readonly columns?: Columns | undefined;
  /** Rules that hide findings; see {@link readSuppressions}. */
  readonly suppressions?: readonly SuppressionRule[] | undefined;
  /** Keep what rules hide, with the column SuppressedBy. */
  readonly showSuppressed?: boolean | undefined;
  /** Told, after the run, what the rules did. */
  readonly onSuppressed?: ((report: SuppressionReport) => void) | undefined;
  /** Told, in one line each, what to know about this lake and this hunt, such as a column that it lacks. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/** A parameter by its name; a list also as `name+` (extend) and `name-` (reduce). */
export type HuntOptions = HuntControl & ParameterSettings;

/** What says how to run apart from what is a parameter. */
export function controlOf(options: HuntOptions): [HuntControl, ParameterSettings] {
  checkOptions(options);
  const { signal, onProgress, variant, columns, onNote, ...others } = options;
  const { suppressions, showSuppressed, onSuppressed, ...settings } = others;
  return [
    { signal, onProgress, variant, columns, onNote, suppressions, showSuppressed, onSuppressed },
    settings,
  ];
}

/** Rules expire by the hunt's own now, so that a run of the past can be repeated. */
export function suppressionsOf(
  { suppressions, showSuppressed }: HuntControl,
  values: ParameterValues,
): SuppressionRequest | undefined {
  if (suppressions === undefined) return undefined;
  return { rules: suppressions, now: presentOf(values), show: showSuppressed };
}
