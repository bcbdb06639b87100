/** `find`: the rows of several tables where a condition holds, in the columns asked for; the rest as a bag. */
import type { Scalar } from '../../plan/scalar.ts';
import { literal } from '../../plan/scalar.ts';
import type { Column } from '../../schema/kql-types.ts';
import { callRow, convertTo } from '../functions/call.ts';
import { boundColumns, elements, kindOf, type SyntaxNode } from '../parser.ts';
import { declaredType } from './datatable.ts';
import { completed, namedColumns, namesAll } from './named-columns.ts';
import {
  type Context,
  findColumn,
  nameOf,
  parametersOf,
  type Relation,
  reference,
  refuse,
} from './query/context.ts';
import { filtered, type NamedValue, projected } from './query/relation.ts';
import { searchCondition } from './search.ts';
import { everyTable, type Input, inputsOf, united } from './union.ts';

export function lowerFind(context: Context, node: SyntaxNode): Relation {
  if (node.ProjectAway) return refuse('MG003', 'find with project-away has no translation', node);
  const { label: _, ...inner } = context;
  const named = node.InClause
    ? inputsOf(inner, node.InClause.Expressions, 0, false)
    : everyTable(inner, node);
  const used = namedColumns(inner, node.Condition);
  const anyRow = used.length === 0 || namesAll(node.Condition);
  const inputs = named.filter(({ relation }) => anyRow || used.some((name) => findColumn(relation, name)));
  if (inputs.length === 0) return refuse('KS142', 'no table has the columns that find names', node);
  const parameters = parametersOf(node);
  const source = parameters.get('withsource') ?? parameters.get('with_source');
  const smart = String(node.Project?.ProjectKeyword?.Text ?? 'project-smart') === 'project-smart';
  const columns = (smart ? smartColumns(node) : projectedColumns(node)).map((column) =>
    typed(column, inputs, node),
  );
  const found = completed(inputs, used, node).map(({ relation: row, own, source: from }): Input => {
    const rows = filtered(row, searchCondition({ ...inner, row }, node.Condition), {
      label: 'found',
    });
    const items: NamedValue[] = columns.map((column) => ({
      name: column.name,
      value: foundValue(own, column, node),
    }));
    if (smart) items.push({ name: 'pack_', value: packed(own, columns, node) });
    return { relation: projected(rows, items, { label: `${from}_found` }), source: from };
  });
  return united(context, node, found, 'outer', source ? nameOf(source) : 'source_');
}

/** The columns of the condition and those that all tables have, as the binder finds them. */
function smartColumns(node: SyntaxNode): Column[] {
  const bound = boundColumns(node);
  if (bound?.at(-1)?.name !== 'pack_')
    return refuse('MG003', 'find of these tables has no translation without project', node);
  return bound.slice(1, -1) as Column[];
}

interface Wanted {
  readonly name: string;
  readonly type: Column['type'] | undefined;
}

function projectedColumns(node: SyntaxNode): Wanted[] {
  return elements(node.Project.Columns).map((item) => {
    if (kindOf(item) === 'NameReference') return { name: nameOf(item), type: undefined };
    if (kindOf(item) === 'TypedColumnReference')
      return { name: nameOf(item.Column), type: declaredType(item.Type) };
    return refuse('MG003', 'this column of find has no translation', item);
  });
}

/** The type that a column has in all tables that have it. */
function typed({ name, type }: Wanted, inputs: readonly Input[], node: SyntaxNode): Wanted {
  if (type) return { name, type };
  const types = new Set(inputs.flatMap(({ relation }) => findColumn(relation, name)?.type ?? []));
  if (types.size !== 1)
    return refuse(
      types.size ? 'MG003' : 'KS142',
      `${name} has ${types.size || 'no'} types in these tables`,
      node,
      `write ${name}:type`,
    );
  return { name, type: [...types][0] };
}

function foundValue(relation: Relation, { name, type }: Wanted, node: SyntaxNode): Scalar {
  const found = findColumn(relation, name);
  if (found) return type ? convertTo(reference(found), type, node) : reference(found);
  return literal(type ?? 'string', null);
}

function packed(relation: Relation, columns: readonly Wanted[], node: SyntaxNode): Scalar {
  const rest = relation.columns.filter(({ name }) => !columns.some((column) => column.name === name));
  const parts = rest.flatMap((column) => [
    literal('string', column.name),
    convertTo(reference(column), 'dynamic', node),
  ]);
  return callRow('bag_pack', parts, node);
}
