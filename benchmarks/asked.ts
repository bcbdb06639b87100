import type { Question } from './question.ts';
import { QUESTIONS } from './questions/questions.ts';

/** 10⁹ rows take a disk and an hour, and so do batches: only the full run asks of them, or who does so by name. */
const LARGE = ['billion', 'batch'];

/**
 * The questions of a run: those that are named; of one profile of lake, those that compare on it; else all, the large ones in a
 * full run only. Throws an Error that lists the questions where a name is none of theirs.
 */
export function questionsAsked(
  named: readonly string[],
  { profile, full = false }: { readonly profile?: string | undefined; readonly full?: boolean | undefined },
): Question[] {
  const unknown = named.find((name) => !QUESTIONS.some((question) => question.name === name));
  if (unknown !== undefined) {
    throw new Error(`no question ${unknown}: there are ${QUESTIONS.map(({ name }) => name).join(', ')}`);
  }
  const names = named.length > 0 ? named : profile === undefined ? undefined : ['floor', 'naive'];
  return QUESTIONS.filter(({ name }) =>
    names === undefined ? full || !LARGE.includes(name) : names.includes(name),
  );
}
