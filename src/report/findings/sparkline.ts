import type { Symbols } from '../symbols.ts';

/** Counts in equal bins as one character a bin, the tallest at the top step; a bin without any is told apart. */
export function sparkline(
  counts: readonly number[],
  { steps, none }: Pick<Symbols, 'steps' | 'none'>,
): string {
  const most = Math.max(...counts);
  return counts
    .map((count) => (count > 0 ? steps[Math.ceil((count / most) * steps.length) - 1]! : none))
    .join('');
}
