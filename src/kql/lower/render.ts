/** `render` says how to draw the rows; the rows are the same without it. */
import type { SyntaxNode } from '../parser.ts';
import { type Context, note, type Relation } from './query/context.ts';

export function lowerRender(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  note(context, node, 'render is dropped: merganser gives rows, not charts');
  return context.row;
}
