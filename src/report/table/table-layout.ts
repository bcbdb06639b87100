import type { Column } from '../../schema/kql-types.ts';

/** Between two columns. */
const GAP = 2;
/** Texts are cut down to this before a table gives way to records. */
const LEAST_TEXT = 10;
/** The heading over numbers and times may be cut, down to this; they themselves are never cut. */
const LEAST_HEADING = 8;
/** Where nothing limits the width, a longer text is printed whole but the rows around it are not padded to it. */
const WIDEST_ALIGNED = 80;

/**
 * The width of each column so that a line takes at most `available` cells (which may be infinite), or `undefined` when that cannot
 * be: texts give up width, the widest first; numbers, times and truth values do not.
 *
 * @param headings widths of the column names
 * @param contents widths of the widest value of each column
 */
export function columnWidths(
  columns: readonly Column[],
  headings: readonly number[],
  contents: readonly number[],
  available: number,
): readonly number[] | undefined {
  const natural = columns.map((_, index) => Math.max(headings[index]!, contents[index]!, 1));
  if (available === Number.POSITIVE_INFINITY) return natural.map((width) => Math.min(width, WIDEST_ALIGNED));
  const room = available - GAP * (columns.length - 1);
  if (sum(natural) <= room) return natural;
  const least = columns.map(({ type }, index) =>
    type === 'string' || type === 'dynamic'
      ? Math.min(natural[index]!, LEAST_TEXT)
      : Math.max(contents[index]!, Math.min(headings[index]!, LEAST_HEADING)),
  );
  if (sum(least) > room) return undefined;
  return shrunk(natural, least, room);
}

/** Every column as wide as one common limit lets it, and what is left over to the first ones that want it. */
function shrunk(natural: readonly number[], least: readonly number[], room: number): number[] {
  const under = (limit: number) =>
    natural.map((want, index) => Math.max(least[index]!, Math.min(want, limit)));
  let limit = 0;
  while (sum(under(limit + 1)) <= room) limit++;
  const widths = under(limit);
  let left = room - sum(widths);
  for (let index = 0; left > 0 && index < widths.length; index++) {
    if (widths[index]! >= natural[index]!) continue;
    widths[index]!++;
    left--;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
