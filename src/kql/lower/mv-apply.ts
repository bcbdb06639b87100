/** `mv-apply`: a query over the elements of each row's array, its result beside the row. */
import { join, type Plan, project } from '../../plan/nodes.ts';
import { type ColumnReference, column, type Scalar } from '../../plan/scalar.ts';
import { callRow, convertTo } from '../functions/call.ts';
import { kindOf, type SyntaxNode } from '../parser.ts';
import { lowerScalar } from './expression/expression.ts';
import { expanded, expansions } from './mv-expand.ts';
import {
  type Context,
  findColumn,
  nameOf,
  parametersOf,
  type Relation,
  reference,
  refuse,
  Scope,
} from './query/context.ts';
import { lowerOperator } from './query/pipeline.ts';
import { numbered, origin, projected, uniqueRefs } from './query/relation.ts';

export function lowerMvApply(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  if (context.row.group)
    return refuse('MG003', 'mv-apply inside mv-apply or partition has no translation', node);
  const source = grouped(context.row);
  let items = expansions({ ...context, row: source }, node);
  if (node.RowLimitClause) {
    const count = convertTo(lowerScalar(context, node.RowLimitClause.RowLimit), 'long', node);
    items = items.map((item) => ({ ...item, list: callRow('first_elements', [item.list, count], node) }));
  }
  const indexNode = parametersOf(node).get('with_itemindex');
  const elementsOf = expanded(source, items, indexNode ? nameOf(indexNode) : undefined, node, {
    label: 'mv_apply',
  });
  const rows: Relation = {
    ...source,
    plan: project(
      source.plan,
      [{ name: source.group!, value: column(source.group!, 'long', { nullable: false }) }],
      { label: 'groups' },
    ),
  };
  const inner = { ...context, scope: new Scope(context.scope) };
  const applied = steps(node.Subquery.Expression).reduce<Relation>(
    (row, operator) => lowerOperator({ ...inner, row }, operator),
    { ...elementsOf, ordered: true, groupRows: rows },
  );
  const names = items.map(({ name }) => name);
  return beside(context, source, names, applied, node);
}

/** The operators of a subquery, first to last. */
export function steps(node: SyntaxNode): SyntaxNode[] {
  if (kindOf(node) === 'ParenthesizedExpression') return steps(node.Expression);
  if (kindOf(node) === 'PipeExpression') return [...steps(node.Expression), node.Operator];
  return [node];
}

/**
 * Whether a plan's column is that of the plan that it began with, row by row or as the one value that a group has of it.
 */
function passing(plan: Plan, ref: string, base: Plan, baseRef: string): 'row' | 'group' | undefined {
  if (plan === base) return ref === baseRef ? 'row' : undefined;
  if (plan.kind === 'project' && plan.input) {
    const value = plan.items.find(({ name }) => name === ref)?.value;
    return value?.kind === 'column' ? passing(plan.input, value.name, base, baseRef) : undefined;
  }
  if (plan.kind === 'aggregate' || plan.kind === 'join') {
    const items = plan.kind === 'join' ? plan.items : [...plan.keys, ...plan.aggregates];
    const value = passed(items.find(({ name }) => name === ref)?.value);
    const input = plan.kind === 'aggregate' ? plan.input : value?.side === 'left' ? plan.left : plan.right;
    return value && passing(input, value.name, base, baseRef) && 'group';
  }
  return 'input' in plan && plan.input ? passing(plan.input, ref, base, baseRef) : undefined;
}

/** The column that an item gives on: itself, or any row's of a group. */
function passed(value: Scalar | undefined): ColumnReference | undefined {
  if (value?.kind === 'column') return value;
  if (value?.kind === 'call' && value.name === 'string_or_empty') return passed(value.args[0]);
  const any =
    value?.kind === 'aggregation' && /^(arg_max|arg_min|take_any|take_any_row|min|max)$/.test(value.name);
  return any ? passed(value.args[0]) : undefined;
}

/** Each row a group of its own, numbered. */
function grouped(row: Relation): Relation {
  const { rowNumber, ...rest } = numbered({ ...row });
  return { ...rest, group: rowNumber! };
}

/** The row's own columns, then what the subquery made. */
function beside(
  context: Context,
  source: Relation,
  names: readonly string[],
  applied: Relation,
  node: SyntaxNode,
): Relation {
  const kept = source.columns.filter(({ name }) => !names.includes(name));
  const added = applied.columns.filter(({ name }) => !kept.some((own) => own.name === name));
  const given = kept.flatMap(({ name, ref }) => {
    const made = findColumn(applied, name);
    return made ? [{ made, passes: passing(applied.plan, made.ref, source.plan, ref) }] : [];
  });
  const changed = given.find(({ passes }) => !passes);
  if (changed)
    return refuse('MG003', `a subquery that gives ${changed.made.name} anew has no translation`, node);
  const { group: _, groupRows: __, ...ungrouped } = applied;
  if (given.length === kept.length && given.every(({ passes }) => passes === 'row')) {
    return projected(
      ungrouped,
      [...given.map(({ made }) => made), ...added].map((item) => ({
        name: item.name,
        value: reference(item),
      })),
      origin(context, 'mv_apply', node),
    );
  }
  const group = source.group!;
  const on = callRow(
    'same',
    [
      column(group, 'long', { nullable: false, side: 'left' }),
      column(group, 'long', { nullable: false, side: 'right' }),
    ],
    node,
  );
  const columns = [...kept, ...added];
  const { rowNumber } = applied;
  const refs = uniqueRefs([...columns.map(({ name }) => name), ...(rowNumber ? [rowNumber] : [])]);
  const values: Scalar[] = [
    ...kept.map((item) => reference(item, 'left')),
    ...added.map((item) => reference(item, 'right')),
  ];
  if (rowNumber) values.push(column(rowNumber, 'long', { nullable: false, side: 'right' }));
  const items = values.map((value, index) => ({ name: refs[index]!, value }));
  const plan = join('inner', source.plan, applied.plan, on, items, origin(context, 'mv_apply', node));
  return {
    plan,
    ordered: applied.ordered,
    ...(rowNumber && { rowNumber: refs.at(-1)! }),
    columns: columns.map((item, index) => ({ ...item, ref: refs[index]! })),
  };
}
