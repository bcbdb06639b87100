/** `invoke`: the rows so far handed to a function. */

import { own } from '../../own.ts';
import { join } from '../../plan/nodes.ts';
import { type Environment, supplyAs } from '../environment.ts';
import type { SyntaxNode } from '../parser.ts';
import { argumentsOf } from './expression/expression.ts';
import { callTable } from './expression/user-function.ts';
import { bothSides, condition } from './join.ts';
import { type Context, findColumn, nameOf, type Relation, refuse } from './query/context.ts';
import { suppliedTable } from './query/pipeline.ts';
import { origin } from './query/relation.ts';

export function lowerInvoke(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const call = node.Function as SyntaxNode;
  const name = nameOf(call.Name);
  const binding = context.scope.find(name);
  if (binding?.kind === 'function') return callTable(context, binding, argumentsOf(call), node, context.row);
  const supplied = own(context.session.environment.enrichments, name);
  if (supplied) return enriched(context, supplied, argumentsOf(call), node);
  return refuse(
    'MG010',
    `the function ${name} is not known here`,
    call,
    `define it with let, or ${supplyAs(name)}`,
  );
}

/** A left outer join with the supplied table, on the column that the call names, or on the key's own name. */
function enriched(
  context: Context & { row: Relation },
  supplied: Environment['enrichments'][string],
  args: readonly SyntaxNode[],
  node: SyntaxNode,
): Relation {
  const written = args[0] ? (args[0].LiteralValue ?? nameOf(args[0])) : supplied.key;
  const left = findColumn(context.row, String(written));
  const table = suppliedTable(supplied);
  const right = findColumn(table, supplied.key);
  if (!left || !right) return refuse('KS142', `unknown column '${written}'`, node);
  const added = table.columns.filter((column) => column !== right);
  const { items, columns } = bothSides(context.row, added, 'left');
  const plan = join(
    'left',
    context.row.plan,
    table.plan,
    condition([{ left, right }], node),
    items,
    origin(context, 'invoke', node),
  );
  return { plan, columns, ordered: false };
}
