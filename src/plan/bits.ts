/** How many bits a whole number may take, without its sign: where a sum stays in range, no wrapping is needed. */
import type { Scalar } from './scalar.ts';

const SMALL: Readonly<Record<string, number>> = {
  strlen: 40,
  string_size: 40,
  array_length: 40,
  indexof: 40,
  countof: 40,
  hourofday: 8,
  getmonth: 8,
  getyear: 16,
  dayofmonth: 8,
  dayofyear: 16,
  row_number: 48,
  count: 48,
  dcount: 48,
  count_distinct: 48,
};

export function bitsOf(scalar: Scalar): number {
  switch (scalar.kind) {
    case 'literal': {
      const value = typeof scalar.value === 'bigint' ? scalar.value : 0n;
      return (value < 0n ? -value : value).toString(2).length;
    }
    case 'column':
      return scalar.bits ?? (scalar.type === 'int' ? 31 : 63);
    case 'aggregation':
    case 'window':
      return SMALL[scalar.name] ?? 63;
    case 'call':
      return callBits(scalar.name, scalar.args) ?? (scalar.type === 'int' ? 31 : 63);
    default:
      return 63;
  }
}

function callBits(name: string, args: readonly Scalar[]): number | undefined {
  if (name in SMALL) return SMALL[name];
  if (name === 'datetime_diff_nanosecond') return 63;
  if (name.startsWith('datetime_diff_'))
    return name.endsWith('second') && name !== 'datetime_diff_second' ? 62 : 40;
  if (name === 'convert' && (args[0]!.type === 'int' || args[0]!.type === 'long')) return bitsOf(args[0]!);
  if (name === 'convert' && args[0]!.type === 'bool') return 1;
  if (name === 'modulo') return bitsOf(args[1]!);
  if (name === 'add' || name === 'subtract') return Math.min(63, Math.max(...args.map(bitsOf)) + 1);
  if (name === 'multiply') return Math.min(63, bitsOf(args[0]!) + bitsOf(args[1]!));
  if (name === 'divide') return bitsOf(args[0]!);
  return undefined;
}
