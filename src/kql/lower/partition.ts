/** `partition by`: a query over the rows of each key. */
import { aggregate, join, project } from '../../plan/nodes.ts';
import { type ColumnReference, column } from '../../plan/scalar.ts';
import { callRow } from '../functions/call.ts';
import { kindOf, type SyntaxNode } from '../parser.ts';
import { lowerScalar } from './expression/expression.ts';
import { steps } from './mv-apply.ts';
import { type Context, type Relation, reference, refuse, Scope } from './query/context.ts';
import { lowerOperator } from './query/pipeline.ts';
import { numbered, projected, relationOf, uniqueRefs } from './query/relation.ts';

export function lowerPartition(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const operand = node.Operand as SyntaxNode;
  if (kindOf(operand) !== 'PartitionSubquery')
    return refuse('MG003', 'partition with a query in braces has no translation', operand);
  if (context.row.group)
    return refuse('MG003', 'partition inside mv-apply or partition has no translation', node);
  const key = lowerScalar(context, node.ByExpression);
  if (key.kind !== 'column')
    return refuse('MG003', 'partition by other than a column has no translation', node.ByExpression);
  const inner = { ...context, scope: new Scope(context.scope) };
  const applied = steps(operand.Subquery).reduce<Relation>(
    (row, operator) => lowerOperator({ ...inner, row }, operator),
    grouped(context.row.ordered ? numbered(context.row) : context.row, key, node),
  );
  const { group: _, groupRows: __, ...rest } = applied;
  return projected(
    rest,
    applied.columns.map((item) => ({ name: item.name, value: reference(item) })),
    { label: 'partition' },
  );
}

/** Each row with the number of its key; a row for each key stays aside, as a filter may leave none of its rows. */
function grouped(row: Relation, key: ColumnReference, node: SyntaxNode): Relation {
  const keys = numbered(
    relationOf(aggregate(row.plan, [{ name: key.name, value: key }], [], { label: 'keys' })),
  );
  const [group] = uniqueRefs(
    ['group'],
    row.plan.columns.map(({ name }) => name),
  ) as [string];
  const sides = (['left', 'right'] as const).map((side) => ({ ...key, side }));
  const items = row.plan.columns.map(({ name, type, nullable }) => ({
    name,
    value: column(name, type, { nullable, side: 'left' }),
  }));
  const number = column(keys.rowNumber!, 'long', { nullable: false });
  const plan = join(
    'inner',
    row.plan,
    keys.plan,
    callRow('same', sides, node),
    [...items, { name: group, value: { ...number, side: 'right' } }],
    { label: 'partitions' },
  );
  const groupRows = relationOf(project(keys.plan, [{ name: group, value: number }], { label: 'groups' }));
  return { ...row, plan, group, groupRows };
}
