/**
 * `scan` of several steps: each has a state of its own, the values of the rows that matched it and the steps before it.
 * A row goes through the steps from the last to the first, and may match several.
 * https://learn.microsoft.com/kusto/query/scan-operator#matching-logic
 */
import { fold, union } from '../../../plan/nodes.ts';
import { column, literal, type Scalar } from '../../../plan/scalar.ts';
import type { SyntaxNode } from '../../parser.ts';
import { type Context, type Relation, refuse } from '../query/context.ts';
import { filtered, origin, projected, uniqueRefs, windowOver } from '../query/relation.ts';
import type { Step } from './scan.ts';
import { withinGroups } from './scan-groups.ts';
import { ScanMachine } from './scan-machine.ts';

type Row = Context & { row: Relation };

export function lowerSteps(
  context: Row,
  steps: readonly Step[],
  matchId: string | undefined,
  node: SyntaxNode,
): Relation {
  const machine = new ScanMachine(context, steps, node);
  const { row } = context;
  const states = machine.states();
  const refs = uniqueRefs(
    [...states.map(({ name }) => name), 'scanned'],
    row.plan.columns.map(({ name }) => name),
  );
  if (refs.some((ref, index) => index < states.length && ref !== states[index]!.name))
    return refuse('MG003', 'columns named as the states of scan have no translation', node);
  const carried = fold(
    row.plan,
    row.rowNumber!,
    withinGroups(row, { states, matched: literal('bool', true) }, node).states,
    literal('bool', true),
    refs.at(-1)!,
    origin(context, 'scan', node),
  );
  const parts = steps.flatMap((step, index) =>
    step.output === 'none' ? [] : [machine.matches(carried, index, matchId)],
  );
  if (parts.length === 0)
    parts.push(
      filtered(machine.matches(carried, 0, matchId), literal('bool', false), { label: 'no_output' }),
    );
  const plan = union(
    parts.map((part) => part.plan),
    parts[0]!.plan.columns.map((each) => ({ ...each, nullable: each.type !== 'string' })),
    { label: 'scan_matches' },
  );
  const rowNumber = parts[0]!.rowNumber!;
  const found = {
    ...parts[0]!,
    // When a row comes out of which it is known only later that it is the last, no page says.
    ordered: steps.every(({ output }) => output !== 'last'),
    plan,
    rowNumber,
    columns: parts[0]!.columns.map((each) => ({ ...each, nullable: each.type !== 'string' })),
  };
  return projected(
    found,
    found.columns.map((each) => ({
      name: each.name,
      value: column(each.ref, each.type, { nullable: each.nullable }),
    })),
    origin(context, 'scan', node),
  );
}

/** The rows numbered from 1 without gaps, as a fold needs them; group after group. */
export function renumbered(row: Relation): Relation {
  if (!row.rowNumber) return row;
  const order = [...(row.group ? [row.group] : []), row.rowNumber].map((name) => ({
    value: column(name, 'long', { nullable: false }),
    descending: false,
    nullsFirst: false,
  }));
  const number = windowOver('row_number', 'long', [], [], order, false);
  const { rowNumber: name, ...inner } = row;
  const plain = projected(
    inner,
    [
      ...row.columns.map((each) => ({
        name: each.name,
        value: column(each.ref, each.type, { nullable: each.nullable }) as Scalar,
      })),
      { name, value: number },
    ],
    { label: 'numbered' },
  );
  return { ...plain, rowNumber: plain.columns.at(-1)!.ref, columns: plain.columns.slice(0, -1) };
}
