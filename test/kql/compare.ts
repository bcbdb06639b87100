/** The rules by which an answer equals the real engine's: see the end of SEMANTICS.md. */
import type { Column, KqlType } from '../../src/schema/kql-types.ts';

export interface Expected {
  readonly columns: readonly string[];
  readonly types: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

const TYPES: Readonly<Record<string, readonly KqlType[]>> = {
  Int: ['int', 'long'],
  Real: ['real', 'decimal'],
  String: ['string'],
  Dynamic: ['dynamic'],
  DateTime: ['datetime'],
  Bool: ['bool'],
  TimeSpan: ['timespan'],
  Guid: ['guid'],
  SByte: ['bool'],
  Object: ['dynamic'],
  Int64: ['long'],
  Int32: ['int'],
  Double: ['real'],
  SqlDecimal: ['decimal'],
};

/** Why the columns differ, or undefined. */
export function columnsDiffer(expected: Expected, columns: readonly Column[]): string | undefined {
  const names = columns.map(({ name }) => name).join();
  if (expected.columns.join() !== names) return `columns ${names} for ${expected.columns.join()}`;
  const wrong = columns.findIndex(({ type }, index) => !TYPES[expected.types[index]!]?.includes(type));
  return wrong < 0
    ? undefined
    : `${columns[wrong]!.name} is ${columns[wrong]!.type}, not ${expected.types[wrong]}`;
}

/** Why the rows differ, or undefined. */
export function rowsDiffer(
  expected: Expected,
  rows: readonly (readonly unknown[])[],
  options: { ordered: boolean; sets: boolean },
): string | undefined {
  const left = expected.rows.map((row) => row.map((value) => normal(value, options.sets)));
  const right = rows.map((row) => row.map((value) => normal(value, options.sets)));
  if (left.length !== right.length) return `${right.length} rows for ${left.length}`;
  const rest = [...right];
  for (const [index, row] of left.entries()) {
    const at = options.ordered
      ? same(row, rest[0])
        ? 0
        : -1
      : rest.findIndex((candidate) => same(row, candidate));
    if (at < 0)
      return `row ${index}: ${JSON.stringify(row)} for ${JSON.stringify(options.ordered ? rest[0] : rest)}`.slice(
        0,
        600,
      );
    rest.splice(at, 1);
  }
  return undefined;
}

function normal(value: unknown, sets: boolean): unknown {
  if (value !== null && typeof value === 'object' && 'dynamic' in value)
    return normal((value as { dynamic: unknown }).dynamic, sets);
  if (Array.isArray(value)) {
    const items = value.map((item) => normal(item, sets));
    return sets ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value)
        .sort()
        .map(([key, item]) => [key, normal(item, sets)]),
    );
  }
  if (typeof value === 'string') {
    const time = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/.exec(value);
    if (time) return `${time[1]}.${(time[2] ?? '').padEnd(7, '0').slice(0, 6)}`;
  }
  return value;
}

function same(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    return a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
  }
  if ((typeof a === 'number' && typeof b === 'string') || (typeof a === 'string' && typeof b === 'number')) {
    return (
      String(a) === String(b) ||
      (/^-?\d+$/.test(String(b)) && typeof a === 'number' && Math.abs(a - Number(b)) <= 1e-9 * Math.abs(a))
    );
  }
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  if (a !== null && b !== null && typeof a === 'object' && typeof b === 'object') {
    const [x, y] = [Object.entries(a), Object.entries(b)];
    return (
      x.length === y.length &&
      x.every(([key, item], index) => key === y[index]![0] && same(item, y[index]![1]))
    );
  }
  return a === b;
}
