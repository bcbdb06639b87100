/** Functions over the rows in their order: `prev`, `next`, `row_number`, `row_cumsum`, ranks, sessions. */
import { literal, type Scalar } from '../../plan/scalar.ts';
import { arithmetic } from '../lower/expression/arithmetic.ts';
import { asBool } from '../lower/expression/binary.ts';
import { lowerScalar } from '../lower/expression/expression.ts';
import { type Context, refuse } from '../lower/query/context.ts';
import { partitionOf, rowOrder, windowOver } from '../lower/query/relation.ts';
import type { SyntaxNode } from '../parser.ts';
import { callRow, convertTo } from './call.ts';

export const WINDOW_NAMES: ReadonlySet<string> = new Set([
  'prev',
  'next',
  'row_number',
  'row_cumsum',
  'row_rank_dense',
  'row_rank_min',
  'row_window_session',
]);

export function lowerWindow(
  context: Context,
  name: string,
  args: readonly SyntaxNode[],
  node: SyntaxNode,
): Scalar {
  const row = context.row;
  if (!context.windows || !row?.rowNumber)
    return refuse('MG003', `${name} has no translation here`, node, 'give it a column with extend first');
  if (!row.ordered)
    return refuse('KS256', `${name} needs rows in order`, node, 'put sort by or serialize before it');
  const session = context.sessions?.get(node);
  if (session) return session;
  const values = args.map((arg) => lowerScalar(context, arg));
  const order = rowOrder(row);
  const partition = partitionOf(row);
  if (name === 'prev' || name === 'next') return neighbour(name, values, partition, order, node);
  if (name === 'row_number') {
    const start = values[0] ?? literal('long', 1n);
    const number = windowOver(
      'row_number',
      'long',
      [],
      [...partition, ...segment(values[1], partition, order, node)],
      order,
      false,
    );
    const from =
      start.kind === 'literal' && start.value === 1n
        ? undefined
        : arithmetic('subtract', convertTo(start, 'long', node), literal('long', 1n), node);
    return from ? arithmetic('add', number, from, node) : number;
  }
  if (name === 'row_cumsum') {
    const value = values[0]!.type === 'int' ? convertTo(values[0]!, 'long', node) : values[0]!;
    return windowOver(
      'row_cumsum',
      value.type,
      [value],
      [...partition, ...segment(values[1], partition, order, node)],
      order,
      false,
    );
  }
  if (name === 'row_rank_dense' || name === 'row_rank_min') return rank(name, values, partition, order, node);
  return refuse('MG002', `the function ${name} has no translation`, node);
}

const isWhole = ({ type }: Scalar): boolean => type === 'long' || type === 'int';

type Order = ReturnType<typeof rowOrder>;

function neighbour(
  name: string,
  values: readonly Scalar[],
  partition: readonly Scalar[],
  order: Order,
  node: SyntaxNode,
): Scalar {
  const value = values[0]!;
  const offset = values[1] ?? literal('long', 1n);
  if (offset.kind !== 'literal' || !isWhole(offset) || Number(offset.value) < 1)
    return refuse('KS119', `${name} takes a positive literal offset`, node);
  const fallback = values[2] ? convertTo(values[2], value.type, node) : literal(value.type, null);
  return windowOver(
    name === 'prev' ? 'lag' : 'lead',
    value.type,
    [value, offset, fallback],
    partition,
    order,
  );
}

/** Rows between two restarts: how many restarts there were so far. */
function segment(
  restart: Scalar | undefined,
  partition: readonly Scalar[],
  order: Order,
  node: SyntaxNode,
): Scalar[] {
  if (!restart || (restart.kind === 'literal' && restart.value === false)) return [];
  return [windowOver('running_count', 'long', [asBool(restart, node)], partition, order, false)];
}

/** Ranks count runs of equal values in the order of the rows. */
function rank(
  name: string,
  values: readonly Scalar[],
  partition: readonly Scalar[],
  order: Order,
  node: SyntaxNode,
): Scalar {
  const value = values[0]!;
  const parts = [...partition, ...segment(values[1], partition, order, node)];
  const before = windowOver(
    'lag',
    value.type,
    [value, literal('long', 1n), literal(value.type, null)],
    parts,
    order,
  );
  const position = windowOver('row_number', 'long', [], parts, order, false);
  const first = callRow('equal', [position, literal('long', 1n)], node);
  const changed = callRow('or', [first, callRow('not_equal', [value, before], node)], node);
  if (name === 'row_rank_dense') return windowOver('running_count', 'long', [changed], parts, order, false);
  const mark = callRow('case', [changed, position, literal('long', null)], node, 'long');
  return windowOver('running_max', 'long', [mark], parts, order, false);
}
