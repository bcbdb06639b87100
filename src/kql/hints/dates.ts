/** Dates that are written without datetime(…). */
import { parseDatetime } from '../literals.ts';

/** A text, or a date without quotes, which is a subtraction. */
export const DATE: string = String.raw`"[^"\n]*"|'[^'\n]*'|\d{4}-\d{1,2}-\d{1,2}(?:T[\d:.]*Z?)?`;

export function dateMeant(literal: string): string | undefined {
  const text = literal.replace(/^["']|["']$/g, '');
  return parseDatetime(text) ? `write datetime(${text})` : undefined;
}
