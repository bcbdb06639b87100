/** `evaluate pivot(column, aggregate, keys…)`: a column for every value of the first. */
import { own } from '../../../own.ts';
import { aggregate } from '../../../plan/nodes.ts';
import { column, literal, type Scalar } from '../../../plan/scalar.ts';
import { didYouMean } from '../../diagnostics.ts';
import { NeedsDiscovery } from '../../discovery.ts';
import { aggregation } from '../../functions/aggregates.ts';
import { callRow, convertTo } from '../../functions/call.ts';
import { elements, kindOf, type SyntaxNode } from '../../parser.ts';
import { declaredType } from '../datatable.ts';
import { argumentsOf, lowerScalar } from '../expression/expression.ts';
import {
  type Context,
  findColumn,
  nameOf,
  type Relation,
  type RelationColumn,
  reference,
  refuse,
} from '../query/context.ts';
import { origin, relationOf } from '../query/relation.ts';
import { aggregated } from '../summarize.ts';

type Row = Context & { row: Relation };

export function lowerPivot(context: Row, args: readonly SyntaxNode[], node: SyntaxNode): Relation {
  const pivoted = columnOf(context, args[0]);
  const call = args[1] && kindOf(args[1]) === 'FunctionCallExpression' ? args[1] : undefined;
  const keyNodes = args.slice(call ? 2 : 1);
  const used = new Set([pivoted.name, ...(call ? argumentsOf(call).map((arg) => nameOf(arg)) : [])]);
  const keys = keyNodes.length
    ? keyNodes.map((item) => columnOf(context, item))
    : context.row.columns.filter(({ name }) => !used.has(name));
  const text = convertTo(reference(pivoted), 'string', node);
  const values = pivotValues(context, text, node);
  if (values.includes(''))
    return refuse(
      'MG003',
      'a column named by an empty value has no translation',
      node,
      'filter empty values out before',
    );
  const twice = keys.find(({ name }) => values.includes(name));
  if (twice)
    return refuse('MG003', `pivot that makes the column ${twice.name} again has no translation`, node);
  const aggregates = values.map((name) => ({
    name,
    value: cell(context, call, callRow('equal', [text, literal('string', name)], node), node),
  }));
  const made = aggregated(
    context,
    keys.map((key) => ({ name: key.name, value: reference(key) })),
    aggregates,
    node,
    'pivot',
  );
  return node.Schema ? asDeclared(made, node.Schema) : made;
}

/**
 * Kusto raises an error where the data give other columns than the output schema says.
 * https://learn.microsoft.com/kusto/query/pivot-plugin
 */
function asDeclared(made: Relation, schema: SyntaxNode): Relation {
  const declared = elements((schema.Schema ?? schema).Columns).map((each) => ({
    name: nameOf(each.Name),
    type: declaredType(each.Type),
  }));
  const shown = (columns: readonly { name: string; type: string }[]): string[] =>
    columns.map(({ name, type }) => `${name}:${type}`);
  const [given, wanted] = [shown(made.columns), shown(declared)];
  const lacking = wanted.filter((each) => !given.includes(each));
  const more = given.filter((each) => !wanted.includes(each));
  if (lacking.length + more.length > 0)
    return refuse(
      'MG003',
      `the output schema of pivot is not what the data give: ${[
        ...(lacking.length > 0 ? [`they lack ${lacking.join(', ')}`] : []),
        ...(more.length > 0 ? [`they have ${more.join(', ')} besides`] : []),
      ].join(', ')}`,
      schema,
      'leave the schema out to take what there is',
    );
  return { ...made, columns: declared.map(({ name }) => findColumn(made, name)!) };
}

function columnOf(context: Row, node: SyntaxNode | undefined): RelationColumn {
  const found = node && kindOf(node) === 'NameReference' ? findColumn(context.row, nameOf(node)) : undefined;
  if (found) return found;
  if (node && kindOf(node) === 'NameReference') {
    const near = didYouMean(
      nameOf(node),
      context.row.columns.map(({ name }) => name),
    );
    return refuse('KS142', `unknown column '${nameOf(node)}'`, node, near);
  }
  return refuse('MG003', 'pivot takes columns', node ?? (context.row as never));
}

const FOR_CONDITION: Readonly<Record<string, string>> = {
  count: 'count',
  sum: 'sum',
  min: 'min',
  max: 'max',
  avg: 'avg',
  dcount: 'dcount',
  take_any: 'take_any',
  any: 'take_any',
  make_list: 'make_list',
  make_set: 'make_set',
};

function cell(context: Row, call: SyntaxNode | undefined, condition: Scalar, node: SyntaxNode): Scalar {
  if (!call) return aggregation(context, 'count', [], node, condition);
  const name = own(FOR_CONDITION, nameOf(call.Name));
  if (!name) return refuse('MG003', `pivot with ${nameOf(call.Name)} has no translation`, call);
  const args = name === 'count' ? [] : argumentsOf(call).map((arg) => lowerScalar(context, arg));
  return aggregation(context, name, args, node, condition);
}

/** The values become columns, sorted. */
function pivotValues(context: Row, text: Scalar, node: SyntaxNode): string[] {
  const key = `pivot@${node.TextStart}`;
  const rows = context.session.discovered[key];
  if (rows) return rows.map(([name]) => name).sort();
  const distinct = aggregate(
    context.row.plan,
    [{ name: 'name', value: text }],
    [],
    origin(context, 'pivot_values'),
  );
  const list = aggregation(
    { ...context, row: relationOf(distinct) },
    'make_set',
    [column('name', 'string')],
    node,
  );
  throw new NeedsDiscovery({
    key,
    plan: aggregate(
      distinct,
      [{ name: 'name', value: column('name', 'string') }],
      [{ name: 'types', value: list }],
      { label: 'values' },
    ),
  });
}
