/** `evaluate rows_near(condition, before, after)`: the rows where the condition holds, and those about them. */
import { convertTo } from '../../functions/call.ts';
import type { SyntaxNode } from '../../parser.ts';
import { asBool } from '../expression/binary.ts';
import { lowerScalar } from '../expression/expression.ts';
import { type Context, type Relation, refuse } from '../query/context.ts';
import { extended, uniqueRefs } from '../query/relation.ts';
import { runQuery } from './plugin-query.ts';

const QUERY = `
let rows_ = T | extend _n = row_number();
let near_ = rows_ | where _hit | mv-expand _n = range(_n - _before, _n + _after, 1) to typeof(long) | distinct _n;
rows_ | where _n in (near_) | project-away _hit, _n`;

export function lowerRowsNear(
  context: Context & { row: Relation },
  args: readonly SyntaxNode[],
  node: SyntaxNode,
): Relation {
  const [test, before, after] = args;
  if (!test || !before || args.length > 3)
    return refuse('MG003', 'this form of rows_near has no translation', node);
  if (!context.row.ordered)
    return refuse('KS256', 'rows_near needs rows in order', node, 'put sort by or serialize before it');
  const [hit, number] = uniqueRefs(
    ['_hit', '_n'],
    context.row.columns.map(({ name }) => name),
  ) as [string, string];
  const count = (arg: SyntaxNode) => {
    const value = lowerScalar(context, arg);
    return value.kind === 'literal' && (value.type === 'long' || value.type === 'int')
      ? convertTo(value, 'long', arg)
      : refuse('MG003', 'only a literal number of rows has a translation', arg);
  };
  const marked = extended(context.row, [{ name: hit, value: asBool(lowerScalar(context, test), test) }], {
    label: 'rows_hit',
  });
  return runQuery(
    context,
    QUERY.replaceAll('_hit', hit).replaceAll('_n', number),
    {
      T: { kind: 'table', relation: marked },
      _before: { kind: 'scalar', value: count(before) },
      _after: { kind: 'scalar', value: count(after ?? before) },
    },
    node,
  );
}
