/** `top-nested`: the top values of one column, and within each those of the next. */
import type { SyntaxNode } from '../parser.ts';
import { elements, kindOf } from '../parser.ts';
import { type Context, type Relation, refuse } from './context.ts';
import { lowerExpression, lowerScalar } from './expression.ts';
import { namedExpression, ownName } from './naming.ts';
import { columnNamed, origin, prepared } from './relation.ts';
import { sorted } from './sort.ts';
import { aggregated } from './summarize.ts';
import { firstRows } from './take.ts';

export function lowerTopNested(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const clauses = elements(node['Clauses']);
  const [only] = clauses;
  if (clauses.length !== 1 || only!['WithOthersClause'])
    return refuse('MG003', 'top-nested of several levels has no translation', node);
  const inner = prepared(context);
  const of = namedExpression(only!['OfExpression']);
  const name = of.name ?? ownName(of.expression) ?? 'Column1';
  const ordered = kindOf(only!['ByExpression']) === 'OrderedExpression';
  const by = namedExpression(ordered ? only!['ByExpression'].Expression : only!['ByExpression']);
  const descending = !(ordered && String(only!['ByExpression'].Ordering?.AscOrDescKeyword?.Text) === 'asc');
  const weight = {
    name: by.name ?? `aggregated_${name}`,
    value: lowerExpression({ ...inner, aggregates: true }, by.expression),
  };
  const counted = aggregated(
    inner,
    [{ name, value: lowerScalar(inner, of.expression) }],
    [weight],
    node,
    'top_nested',
  );
  const from = origin(context, 'top_nested', node);
  const key = { value: columnNamed(counted, weight.name), descending, nullsFirst: false };
  const top = sorted(counted, [key], from);
  return only!['Expression'] ? firstRows(top, lowerScalar(context, only!['Expression']), node, from) : top;
}
