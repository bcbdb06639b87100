import { UsageError } from '../error.ts';
import type { Detection } from '../hunt/detection/detection.ts';
import type { ParameterSettings } from '../hunt/parameters.ts';
import type { SuppressionRule } from '../hunt/suppress/suppressions.ts';
import type { TuneOptions } from '../hunt/tune/tune.ts';

/** Refuses, in words, what plain JavaScript lets one hand over in the place of a detection or of layers of settings. */
export function checkHunted(detection: Detection, settings: readonly ParameterSettings[]): void {
  const { id, sql }: Partial<Detection> = detection ?? {};
  if (typeof id !== 'string' || typeof sql !== 'string') {
    const name = typeof detection === 'string' ? detection : 't1573.001/symmetric-cryptography-c2';
    throw new UsageError(`detection: expected one of listDetections(), got ${told(detection)}`, {
      hint: `for example listDetections().find(({ id }) => id.startsWith('${name}')); hunt(…) takes a name`,
    });
  }
  if (!Array.isArray(settings) || !settings.every(isObject)) {
    throw new UsageError(`settings: expected a list of layers, got ${told(settings)}`, {
      hint: "for example [{ window: '1h' }]",
    });
  }
}

/** The same of rules. */
export function checkRules(rules: readonly SuppressionRule[] | undefined): void {
  if (rules === undefined) return;
  if (Array.isArray(rules) && rules.every((rule) => isObject(rule) && isObject(rule.match))) return;
  throw new UsageError(`suppressions: expected rules, got ${told(rules)}`, {
    hint: 'readSuppressions(FILE) gives them',
  });
}

/** The same of what makes a finding of a baseline ordinary. */
export function checkTune(options: TuneOptions): void {
  for (const name of ['minDevices', 'minDays'] as const) {
    const value: unknown = options?.[name];
    if (typeof value === 'number' && value >= 0) continue;
    throw new UsageError(`${name}: expected a number of at least 0, got ${told(value)}`, {
      hint: 'for example { minDevices: 3, minDays: 7 }',
    });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function told(value: unknown): string {
  if (Array.isArray(value)) return 'a list of something else';
  return isObject(value) ? 'an object' : typeof value === 'string' ? `'${value}'` : String(value);
}
