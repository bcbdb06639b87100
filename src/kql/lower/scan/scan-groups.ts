/** `scan` inside `partition`: each group is scanned from the start, though all go through one fold. */
import type { State } from '../../../plan/nodes.ts';
import { replaced } from '../../../plan/rebuild.ts';
import { column, literal, type Scalar } from '../../../plan/scalar.ts';
import { callRow } from '../../functions/call.ts';
import type { SyntaxNode } from '../../parser.ts';
import type { Relation } from '../query/context.ts';
import { uniqueRefs } from '../query/relation.ts';

interface Steps {
  readonly states: readonly State[];
  readonly matched: Scalar;
}

/** Where the row is of another group than the row before it, the states are what they were before any row. */
export function withinGroups(row: Relation, { states, matched }: Steps, node: SyntaxNode): Steps {
  if (!row.group) return { states, matched };
  const [name] = uniqueRefs(
    ['scan_group'],
    [...states.map((state) => state.name), ...row.plan.columns.map((each) => each.name)],
  ) as [string];
  const own = column(row.group, 'long', { nullable: false, side: 'right' });
  const same = callRow('same', [column(name, 'long', { side: 'left' }), own], node);
  const initial = new Map(states.map((state) => [state.name, state.initial]));
  const reset = (value: Scalar): Scalar =>
    replaced(value, (part) => {
      if (part.kind !== 'column' || part.side !== 'left') return undefined;
      return callRow('case', [same, part, initial.get(part.name)!], node, part.type);
    });
  return {
    states: [
      ...states.map((state) => ({ ...state, value: reset(state.value) })),
      { name, initial: literal('long', null), value: own },
    ],
    matched: reset(matched),
  };
}
