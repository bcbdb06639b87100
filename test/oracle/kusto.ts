/**
 * What the oracle needs of Kusto's meanings, in plain TypeScript: strings, sets, sums, rounding, minutes.
 */

/** Kusto's strings have no null: an absent one is empty. */
export function string(value: string | null): string {
  return value ?? '';
}

/** `value in~ (list)`: never null, case folded. An absent value is the empty string. */
export function inFoldingCase(value: string | null, list: readonly string[]): boolean {
  return list.some((item) => foldCase(item) === foldCase(string(value)));
}

/** One character to one character: where full upper case is longer (ß), the character stays as it is. */
function foldCase(text: string): string {
  return [...text]
    .map((character) => {
      const upper = character.toUpperCase();
      return upper.length === character.length ? upper : character;
    })
    .join('');
}

/** Sums skip nulls; the sum of nothing is 0. Totals beyond a long are not modelled. */
export function sum(values: readonly (bigint | null)[]): bigint {
  return values.reduce<bigint>((total, value) => total + (value ?? 0n), 0n);
}

/** make_set keeps each value once, '' included; sorted here, since Kusto promises no order. */
export function stringSet(values: readonly (string | null)[]): string[] {
  return [...new Set(values.map(string))].sort(byBytes);
}

/** make_set drops nulls. */
export function numberSet(values: readonly (number | null)[]): number[] {
  return [...new Set(values.filter((value) => value !== null))].sort((one, other) => one - other);
}

/** The order of UTF-8 bytes, which is that of code points; UTF-16 units would put U+FFFD after U+1F600. */
export function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** datetime_diff counts the minute boundaries between two times, so each time falls to its minute first. */
export function minuteOf(time: bigint): bigint {
  const minute = 60_000_000n;
  const truncated = time / minute;
  return time % minute < 0n ? truncated - 1n : truncated;
}

/** round(x, 2) half away from zero, as .NET's Math.Round(x, 2, AwayFromZero) goes: scale, split, round, scale back. */
export function roundToHundredths(value: number): number {
  const scaled = value * 100;
  const whole = Math.trunc(scaled);
  const rest = scaled - whole;
  return (Math.abs(rest) >= 0.5 ? whole + Math.sign(rest) : whole) / 100;
}
