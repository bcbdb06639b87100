/** `evaluate ipv4_lookup(table, ip, network)` and `ipv6_lookup`: the rows of the networks that hold each address. */
import { join } from '../../../plan/nodes.ts';
import type { Scalar } from '../../../plan/scalar.ts';
import { callRow } from '../../functions/call.ts';
import { kindOf, type SyntaxNode } from '../../parser.ts';
import { lowerScalar } from '../expression/expression.ts';
import { asTable } from '../expression/subquery.ts';
import { bothSides } from '../join.ts';
import { type Context, findColumn, nameOf, type Relation, reference, refuse } from '../query/context.ts';
import { origin } from '../query/relation.ts';

export const lowerIpLookup =
  (ends: { first: string; last: string }, tableStands: 'before' | 'after') =>
  (context: Context & { row: Relation }, args: readonly SyntaxNode[], node: SyntaxNode): Relation => {
    const [tableNode, ipNode, networkNode, ...rest] = args;
    if (!tableNode || !ipNode || !networkNode || rest.length > 1)
      return refuse('MG003', 'this form of the lookup has no translation', node);
    const table = asTable(context, tableNode);
    const ip = findColumn(context.row, nameOf(ipNode));
    const network = findColumn(table, nameOf(networkNode));
    if (!ip || !network)
      return refuse(
        'KS142',
        `unknown column '${nameOf(ip ? networkNode : ipNode)}'`,
        ip ? networkNode : ipNode,
      );
    const type = keepsUnmatched(context, rest[0]) ? 'left' : 'inner';
    // Networks hold each other or lie apart, so that two meet where neither ends before the other begins: unlike a
    // test of each pair, the engine joins by that at once.
    const end = (which: 'first' | 'last', of: Scalar): Scalar => callRow(ends[which], [of], node);
    const [held, holds] = [reference(ip, 'left'), reference(network, 'right')];
    const on = callRow(
      'and',
      [
        callRow('less_equal', [end('first', held), end('last', holds)], node),
        callRow('greater_equal', [end('last', held), end('first', holds)], node),
      ],
      node,
    );
    const { items, columns } = bothSides(context.row, table.columns, type);
    return {
      plan: join(type, context.row.plan, table.plan, on, items, origin(context, 'lookup', node)),
      columns:
        tableStands === 'after'
          ? columns
          : [...columns.slice(context.row.columns.length), ...columns.slice(0, context.row.columns.length)],
      ordered: false,
    };
  };

function keepsUnmatched(context: Context, node: SyntaxNode | undefined): boolean {
  if (!node) return false;
  const value = lowerScalar(context, kindOf(node) === 'SimpleNamedExpression' ? node.Expression : node);
  return value.kind === 'literal'
    ? value.value === true
    : refuse('MG003', 'only a literal has a translation here', node);
}
