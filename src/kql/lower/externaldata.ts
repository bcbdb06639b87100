/** `externaldata`: files that the user has mapped to tables. */
import { own } from '../../own.ts';
import { type Plan, type PlanColumn, scan, union } from '../../plan/nodes.ts';
import { type SuppliedTable, supplyFileOf } from '../environment.ts';
import { convertTo } from '../functions/call.ts';
import { elements, type SyntaxNode } from '../parser.ts';
import { declaredColumns } from './datatable.ts';
import { lowerScalar } from './expression/expression.ts';
import { type Context, nameOf, type Relation, reference, refuse, textOf } from './query/context.ts';
import { suppliedTable } from './query/pipeline.ts';
import { origin, projected, relationOf } from './query/relation.ts';

export function lowerExternaldata(context: Context, node: SyntaxNode): Relation {
  const columns = declaredColumns(node.Schema).map(({ name, type }) => ({
    name,
    type,
    nullable: type !== 'string',
  }));
  const plans = elements(node.URIs).map((item): Plan => {
    const value = lowerScalar(context, item);
    const uri = value.kind === 'literal' ? String(value.value).split(';')[0]! : '';
    const table = own(context.session.environment.externals, uri);
    if (table === undefined) {
      const hint = uri ? supplyFileOf(uri, headerOf(columns)) : 'write its address as a literal';
      return refuse('MG010', `the file ${uri || 'of externaldata'} is not mapped to a local one`, item, hint);
    }
    if (typeof table === 'string') return scan(table, columns, { label: table });
    const lines = hasNames(table, columns) ? undefined : table.lines;
    const rows = lines === undefined ? table : ignoresFirst(context, node) ? lines.later : lines.all;
    return asDeclared(context, rows, columns, lines === undefined ? columnOf : nthOf, item).plan;
  });
  if (plans.length === 0) return refuse('MG003', 'externaldata without an address', node);
  return relationOf(
    plans.length === 1 ? plans[0]! : union(plans, columns, origin(context, 'externaldata', node)),
  );
}

/** Which of a table's columns is declared, by its name or by its place. */
type Find = <T extends { readonly name: string }>(
  all: readonly T[],
  name: string,
  place: number,
) => T | undefined;

const columnOf: Find = (all, name) =>
  all.find((each) => each.name === name) ??
  all.find((each) => each.name.toLowerCase() === name.toLowerCase());

const nthOf: Find = (all, _, place) => all[place];

const hasNames = (table: SuppliedTable, columns: readonly PlanColumn[]): boolean =>
  columns.every(({ name }, place) => columnOf(table.columns, name, place) !== undefined);

/** `with (ignoreFirstRecord=true)`: https://learn.microsoft.com/kusto/query/externaldata-operator#parameters */
function ignoresFirst(context: Context, node: SyntaxNode): boolean {
  const given = elements(node.WithClause?.Properties).find(
    ({ Name }) => nameOf(Name).toLowerCase() === 'ignorefirstrecord',
  );
  return given !== undefined && /true/i.test(textOf(context, given.Expression));
}

/** The table's columns that are declared, in the declared types. */
function asDeclared(
  context: Context,
  table: SuppliedTable,
  columns: readonly PlanColumn[],
  find: Find,
  item: SyntaxNode,
): Relation {
  const rows = suppliedTable(table);
  const items = columns.map(({ name, type }, place) => {
    const found = find(rows.columns, name, place);
    if (!found) {
      return refuse(
        'MG010',
        `the file that stands for this address has no column '${name}'`,
        item,
        `it has ${table.columns.map((each) => each.name).join(', ')}; give it the header ${headerOf(columns)}`,
      );
    }
    return { name, value: found.type === type ? reference(found) : convertTo(reference(found), type, item) };
  });
  return projected(rows, items, origin(context, 'externaldata', item));
}

function headerOf(columns: readonly { name: string }[]): string {
  return columns.map(({ name }) => name).join(',');
}
