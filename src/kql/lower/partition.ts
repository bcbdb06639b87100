/** `partition by`: a query over the rows of each key. */
import { aggregate, join } from '../../plan/nodes.ts';
import { column } from '../../plan/scalar.ts';
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
  const row = context.row.ordered ? numbered(context.row) : context.row;
  const keys = numbered(
    relationOf(aggregate(row.plan, [{ name: key.name, value: key }], [], { label: 'keys' })),
  );
  const [group] = uniqueRefs(
    ['group'],
    row.plan.columns.map(({ name }) => name),
  ) as [string];
  const on = callRow(
    'same',
    [
      { ...key, side: 'left' },
      { ...key, side: 'right' },
    ],
    node,
  );
  const items = row.plan.columns.map(({ name, type, nullable }) => ({
    name,
    value: column(name, type, { nullable, side: 'left' }),
  }));
  const number = column(keys.rowNumber!, 'long', { nullable: false, side: 'right' });
  const plan = join('inner', row.plan, keys.plan, on, [...items, { name: group, value: number }], {
    label: 'partitions',
  });
  const inner = { ...context, scope: new Scope(context.scope) };
  const applied = steps(operand.Subquery).reduce<Relation>(
    (current, operator) => lowerOperator({ ...inner, row: current }, operator),
    { ...row, plan, group },
  );
  const { group: _, ...rest } = applied;
  return projected(
    rest,
    applied.columns.map((item) => ({ name: item.name, value: reference(item) })),
    { label: 'partition' },
  );
}
