/** Plugins whose meaning is itself a query over the rows so far, written in KQL. */
import { Refusal } from '../../diagnostics.ts';
import { parseQuery, type SyntaxNode } from '../../parser.ts';
import { type Binding, type Context, positionOf, type Relation, Scope } from '../query/context.ts';
import { lowerQuery } from '../query/query.ts';

/** The relation that `text` gives, where the names it leaves open are `bindings`. What it says, it says of `node`. */
export function runQuery(
  context: Context,
  text: string,
  bindings: Readonly<Record<string, Binding>>,
  node: SyntaxNode,
): Relation {
  const scope = new Scope();
  for (const [name, binding] of Object.entries(bindings)) scope.define(name, binding);
  const here = (refusal: Refusal): Refusal =>
    new Refusal(refusal.code, refusal.message, positionOf(node), refusal.hint);
  const session: Context['session'] = {
    ...context.session,
    text,
    tables: {},
    at: context.session.at ?? positionOf(node),
    report: (refusal, note) => context.session.report(here(refusal), note),
  };
  try {
    return lowerQuery({ session, scope }, parseQuery(text, session.tables).root);
  } catch (error) {
    if (error instanceof Refusal) throw here(error);
    throw error;
  }
}

/** A name as a query may always write it. */
export const quoted = (name: string): string => `[${JSON.stringify(name)}]`;
