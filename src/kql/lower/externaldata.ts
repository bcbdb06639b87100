/** `externaldata`: files that the user has mapped to tables. */
import { own } from '../../own.ts';
import { type Plan, type PlanColumn, scan, union } from '../../plan/nodes.ts';
import { type SuppliedTable, supplyFileOf } from '../environment.ts';
import { convertTo } from '../functions/call.ts';
import { elements, type SyntaxNode } from '../parser.ts';
import { declaredColumns } from './datatable.ts';
import { lowerScalar } from './expression/expression.ts';
import { type Context, type Relation, reference, refuse } from './query/context.ts';
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
    return asDeclared(context, table, columns, item).plan;
  });
  if (plans.length === 0) return refuse('MG003', 'externaldata without an address', node);
  return relationOf(
    plans.length === 1 ? plans[0]! : union(plans, columns, origin(context, 'externaldata', node)),
  );
}

/** The table's columns of the declared names, in the declared types. */
function asDeclared(
  context: Context,
  table: SuppliedTable,
  columns: readonly PlanColumn[],
  item: SyntaxNode,
): Relation {
  const rows = suppliedTable(table);
  const items = columns.map(({ name, type }) => {
    const found =
      rows.columns.find((each) => each.name === name) ??
      rows.columns.find((each) => each.name.toLowerCase() === name.toLowerCase());
    if (!found) {
      return refuse(
        'MG010',
        `the file that stands for this address has no column '${name}'`,
        item,
        `its columns are ${table.columns.map((each) => each.name).join(', ')}; give it the header ${headerOf(columns)}`,
      );
    }
    return { name, value: found.type === type ? reference(found) : convertTo(reference(found), type, item) };
  });
  return projected(rows, items, origin(context, 'externaldata', item));
}

function headerOf(columns: readonly { name: string }[]): string {
  return columns.map(({ name }) => name).join(',');
}
