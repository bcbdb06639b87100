/** `scan`; of one step: columns set where its condition holds, which may look back at the row that matched last. */
import { filter, fold, join, type State } from '../../../plan/nodes.ts';
import { replaced } from '../../../plan/rebuild.ts';
import { column, literal, type Scalar } from '../../../plan/scalar.ts';
import { callRow, convertTo } from '../../functions/call.ts';
import { elements, kindOf, type SyntaxNode } from '../../parser.ts';
import { declaredType } from '../datatable.ts';
import { asBool } from '../expression/binary.ts';
import { lowerExpression } from '../expression/expression.ts';
import { usesWindows } from '../expression/window-steps.ts';
import {
  type Context,
  findColumn,
  nameOf,
  parametersOf,
  type Relation,
  reference,
  refuse,
} from '../query/context.ts';
import {
  extended,
  filtered,
  type NamedValue,
  numbered,
  origin,
  projected,
  rowOrder,
  uniqueRefs,
} from '../query/relation.ts';
import { withinGroups } from './scan-groups.ts';
import { lowerSteps, renumbered } from './scan-steps.ts';

type Row = Context & { row: Relation };

const OUTPUTS = ['all', 'last', 'none'] as const;
/** Which of the rows that match a step come out: `last`, of those that match it again and again. */
type Output = (typeof OUTPUTS)[number];

export interface Step {
  readonly name: string;
  readonly node: SyntaxNode;
  readonly declared: readonly NamedValue[];
  readonly output: Output;
}

export function lowerScan(context: Row, node: SyntaxNode): Relation {
  const written = elements(node.Steps);
  const parameters = parametersOf(node);
  const matchId = parameters.get('with_match_id');
  if (parameters.size > (matchId ? 1 : 0) || node.OrderByClause || node.PartitionByClause)
    return refuse('MG003', 'this form of scan has no translation', node);
  if (!context.row.ordered)
    return refuse('KS256', 'scan needs rows in order', node, 'put sort by or serialize before it');
  const declared = elements(node.DeclareClause?.Declarations).map((parameter) =>
    declaration(context, parameter),
  );
  const steps = written.map((step) => stepOf(step, declared));
  const row = extended(context.row, declared, { label: 'scan_columns' });
  const inner = { ...context, row };
  const [only] = steps;
  if (steps.length > 1 || matchId || only!.output !== 'all') {
    const numberedRow = renumbered(numbered(row));
    return lowerSteps({ ...context, row: numberedRow }, steps, matchId && nameOf(matchId), node);
  }
  const back = [...new Set(lookedBack(only!.node, only!.name))];
  return back.length ? folded(inner, only!, back, node) : single(inner, only!, node);
}

function stepOf(node: SyntaxNode, declared: readonly NamedValue[]): Step {
  if (usesWindows(node))
    return refuse('KS256', 'a step of scan looks back by its own name, not by prev()', node);
  const written = node.ScanStepOutput ? String(node.ScanStepOutput.OutputKind?.Text ?? '') : 'all';
  const output = OUTPUTS.find((known) => known === written);
  if (node.OptionalKeyword?.Text || !output)
    return refuse('MG003', 'a step of this form has no translation', node);
  return { name: nameOf(node.Name), node, declared, output };
}

function declaration(context: Context, parameter: SyntaxNode): NamedValue {
  const type = declaredType(parameter.NameAndType.Type);
  const fallback = parameter.DefaultValue?.Value as SyntaxNode | undefined;
  const value: Scalar = fallback
    ? convertTo(lowerExpression(context, fallback), type, parameter)
    : literal(type, null);
  return { name: nameOf(parameter.NameAndType.Name), value };
}

export function assignments(context: Row, { node, declared }: Step): NamedValue[] {
  return elements(node.ComputationClause?.Assignments).map((assignment) => {
    const target = nameOf(assignment.Name);
    const known = declared.find((each) => each.name === target);
    if (!known) return refuse('KS142', `${target} is not declared`, assignment);
    return {
      name: target,
      value: convertTo(lowerExpression(context, assignment.Expression), known.value.type, assignment),
    };
  });
}

/** Without a look back every row stands for itself. */
function single(context: Row, step: Step, node: SyntaxNode): Relation {
  const predicate = asBool(lowerExpression(context, step.node.Condition), step.node);
  const matched = filtered(context.row, predicate, { label: 'scan_step' });
  return extended(matched, assignments(context, step), origin(context, 'scan', node));
}

/** With one, the values of the row that matched last go from row to row. */
function folded(context: Row, step: Step, back: readonly string[], node: SyntaxNode): Relation {
  const row = renumbered(numbered(context.row));
  const names = [...new Set([...step.declared.map(({ name }) => name), ...back])];
  const refs = uniqueRefs(
    [...names.map((name) => `${step.name}_${name}`), 'matched'],
    row.plan.columns.map(({ name }) => name),
  );
  const state: Relation = {
    plan: row.plan,
    ordered: true,
    columns: names.map((name, index) => {
      const found = findColumn(row, name) ?? refuse('KS142', `unknown column '${name}'`, step.node);
      return { name, ref: refs[index]!, type: found.type, nullable: true };
    }),
  };
  const inner = { ...context, row, steps: new Map([[step.name, state]]) };
  const sided = (value: Scalar): Scalar =>
    replaced(value, (part) =>
      part.kind === 'column' ? { ...part, side: refs.includes(part.name) ? 'left' : 'right' } : undefined,
    );
  const matched = sided(asBool(lowerExpression(inner, step.node.Condition), step.node));
  const assigned = new Map(assignments(inner, step).map(({ name, value }) => [name, sided(value)]));
  const states = names.map((name, index): State => {
    const column_ = findColumn(row, name)!;
    const initial = step.declared.find((each) => each.name === name)?.value ?? literal(column_.type, null);
    return { name: refs[index]!, initial, value: assigned.get(name) ?? sided(reference(column_)) };
  });
  const within = withinGroups(row, { states, matched }, node);
  const carried = fold(
    row.plan,
    row.rowNumber!,
    within.states,
    within.matched,
    refs.at(-1)!,
    origin(context, 'scan', node),
  );
  return beside(
    context,
    row,
    filter(carried, column(refs.at(-1)!, 'bool', { nullable: false }), { label: 'scan_matched' }),
    step,
    refs,
    names,
    node,
  );
}

/** The rows that matched, with their declared columns as the fold left them. */
function beside(
  context: Row,
  row: Relation,
  matched: ReturnType<typeof filter>,
  step: Step,
  refs: readonly string[],
  names: readonly string[],
  node: SyntaxNode,
): Relation {
  const [order] = rowOrder(row);
  const own = order!.value as Extract<Scalar, { kind: 'column' }>;
  const on = callRow(
    'same',
    [
      { ...own, side: 'left' },
      { ...own, side: 'right' },
    ],
    node,
  );
  const items = row.plan.columns.map(({ name, type, nullable }) => {
    const declared = row.columns.find(({ ref }) => ref === name);
    const state =
      declared && step.declared.some((each) => each.name === declared.name)
        ? refs[names.indexOf(declared.name)]
        : undefined;
    return {
      name,
      value: state ? column(state, type, { side: 'right' }) : column(name, type, { nullable, side: 'left' }),
    };
  });
  const plan = join('inner', row.plan, matched, on, items, { label: 'scan_rows' });
  const found = { ...row, plan };
  return projected(
    found,
    found.columns.map((each) => ({ name: each.name, value: reference({ ...each, nullable: true }) })),
    origin(context, 'scan', node),
  );
}

/** The columns that expressions read of the step: `s.x`. */
export function lookedBack(node: SyntaxNode, step: string): string[] {
  if (
    kindOf(node) === 'PathExpression' &&
    kindOf(node.Expression) === 'NameReference' &&
    nameOf(node.Expression) === step
  ) {
    return [nameOf(node.Selector)];
  }
  const found: string[] = [];
  for (let index = 0; index < node.ChildCount; index += 1) {
    const child = node.GetChild(index);
    if (child) found.push(...lookedBack(child, step));
  }
  return found;
}
