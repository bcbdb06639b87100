import type { Command } from 'commander';
import { UsageError } from '../error.ts';
import type { ParameterSettings } from '../hunt/parameters.ts';
import { parseInstant } from '../hunt/time.ts';
import { own } from '../own.ts';

/** What the values of options may be. Each parser throws a UsageError that names the option. */

export function instantFlag(name: string): (value: string) => string {
  return (value) => {
    if (parseInstant(value) !== undefined) return value;
    throw invalid(name, value, 'a date or time such as 2026-01-31 or 2026-01-31T08:00:00Z');
  };
}

/** A time that {@link instantFlag} let through. */
export function dateOf(instant: string): Date {
  return new Date(Number(parseInstant(instant)! / 1000n));
}

export function positiveInteger(name: string): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (/^\d+$/.test(value.trim()) && Number.isSafeInteger(number) && number > 0) return number;
    throw invalid(name, value, 'a whole number of at least 1');
  };
}

export function partFlag(name: string): (value: string) => number {
  return (value) => {
    const part = value.trim() === '' ? Number.NaN : Number(value);
    if (part >= 0 && part <= 1) return part;
    throw invalid(name, value, 'a number from 0 to 1');
  };
}

/** `--table NAME=GLOB`, repeated, into globs by table. */
export function collectTable(value: string, before: Record<string, string[]> = {}): Record<string, string[]> {
  const at = value.indexOf('=');
  if (at <= 0 || at === value.length - 1) {
    throw invalid('table', value, 'NAME=FILES, such as DeviceNetworkEvents=net/**/*.parquet');
  }
  const name = value.slice(0, at);
  return { ...before, [name]: [...(own(before, name) ?? []), value.slice(at + 1)] };
}

/** `--set name=value`, `name+=value` or `name-=value`, repeated, into layers of settings in the order given. */
export function collectSetting(value: string, before: ParameterSettings[] = []): ParameterSettings[] {
  const match = /^\s*([A-Za-z_]\w*)\s*([+-]?)=(.*)$/s.exec(value);
  if (match === null) throw invalid('set', value, 'name=value, name+=value or name-=value');
  return [...before, { [`${match[1]}${match[2]}`]: match[3] }];
}

/** `--set name=value`, repeated, into a record. */
export function collectParameter(value: string, before: Record<string, string> = {}): Record<string, string> {
  const match = /^\s*([A-Za-z_]\w*)\s*=(.*)$/s.exec(value);
  if (match === null) throw invalid('set', value, 'name=value');
  return { ...before, [match[1]!]: match[2]! };
}

/** Options that are collected rather than replaced. */
const COLLECTED = new Set(['table', 'set', 'detections']);

/** Refuses an option that is given twice, of which the first would be dropped without a word. */
export function refuseRepeats(command: Command): void {
  for (const option of command.options) {
    const name = option.long?.slice('--'.length) ?? option.name();
    if (COLLECTED.has(name) || !option.required || option.variadic) continue;
    const parse = option.parseArg;
    let given = false;
    option.argParser((value: string, before: unknown) => {
      if (given) throw new UsageError(`--${name} was given twice`, { hint: 'give it once' });
      given = true;
      return parse === undefined ? value : parse(value, before);
    });
  }
}

function invalid(name: string, value: string, expected: string): UsageError {
  return new UsageError(`--${name} '${value}': expected ${expected}`);
}

/** `--detections DIR`, once or more. */
export function collectFolder(value: string, before: string[] = []): string[] {
  return [...before, value];
}
