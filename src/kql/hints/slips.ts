/** Slips of grammar that are known: what stands where the parser stops tells which it is. */
import type { BinderDiagnostic } from '../parser.ts';
import { HABITS } from './habits.ts';
import { PUNCTUATION } from './punctuation.ts';
import { type WayOut, wayOut } from './way-out.ts';

/** Where the grammar ends for the parser, which guesses from there on. */
export interface SlipFound extends WayOut {
  readonly said: BinderDiagnostic;
  /** What stands from here on comes of it. */
  readonly start: number;
}

/** The slip at the first place that the grammar does not allow, where it is a known one. */
export function slipIn(diagnostics: readonly BinderDiagnostic[], text: string): SlipFound | undefined {
  const grammar = diagnostics.filter(isOfGrammar).sort((a, b) => a.Start - b.Start);
  const [first] = grammar;
  if (first === undefined) return undefined;
  SPACE.lastIndex = first.Start;
  const place = first.Start + SPACE.exec(text)![0].length;
  const said = grammar.find(({ Code, Start }) => Code === UNEXPECTED && Start === place) ?? first;
  const found = wayOut([...HABITS, ...PUNCTUATION], text, place, { start: said.Start, length: said.Length });
  return found && { ...found, said, start: Math.min(first.Start, found.position.start) };
}

/** Codes of the grammar, and `not` without brackets, which the parser takes for a function's name. */
export const isOfGrammar = ({ Code }: BinderDiagnostic): boolean => /^KS(0\d\d|117|176|198)$/.test(Code);

const UNEXPECTED = 'KS002';
const SPACE = /(?:\s|\/\/.*)*/y;
