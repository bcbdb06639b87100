/** The way out of a slip, told by the text around its place. */
import type { Position } from '../diagnostics.ts';

export interface WayOut {
  readonly position: Position;
  readonly hint: string;
}

/** The named groups of a match; a group that took no part has no text. */
export type Groups = Readonly<Record<string, string | undefined>>;

export interface Slip {
  /**
   * Tried at one place (with the flags d and y). The slip goes from the group `from`, which may lie before that place, to
   * the end of `here`; where neither takes part, it is where the diagnostic stands.
   */
  readonly at: RegExp;
  /** Undefined where it is no such slip after all. */
  readonly hint: (groups: Groups) => string | undefined;
}

/** How far around its place a slip is looked for: what looks back must not do so over megabytes. */
const REACH = 1000;

/** The first of the slips that the text has at this place. */
export function wayOut(
  slips: readonly Slip[],
  text: string,
  place: number,
  said: Position,
): WayOut | undefined {
  const before = Math.max(0, place - REACH);
  const around = text.slice(before, place + REACH);
  for (const { at, hint } of slips) {
    at.lastIndex = place - before;
    const match = at.exec(around);
    const found = match && hint(match.groups ?? {});
    if (!found) continue;
    const { from, here } = match.indices?.groups ?? {};
    const [start, end] = [(from ?? here)?.[0], (here ?? from)?.[1]];
    const position =
      start === undefined || end === undefined ? said : { start: before + start, length: end - start };
    return { position, hint: found };
  }
  return undefined;
}
