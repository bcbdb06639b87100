/** `externaldata`: files that the user has mapped to tables. */
import { type Plan, scan, union } from '../../plan/nodes.ts';
import { READABLE, supplyAs } from '../environment.ts';
import { elements, type SyntaxNode } from '../parser.ts';
import { declaredColumns } from './datatable.ts';
import { lowerScalar } from './expression/expression.ts';
import { type Context, type Relation, refuse } from './query/context.ts';
import { origin, relationOf } from './query/relation.ts';

export function lowerExternaldata(context: Context, node: SyntaxNode): Relation {
  const columns = declaredColumns(node.Schema).map(({ name, type }) => ({
    name,
    type,
    nullable: type !== 'string',
  }));
  const plans = elements(node.URIs).map((item): Plan => {
    const value = lowerScalar(context, item);
    const uri = value.kind === 'literal' ? String(value.value).split(';')[0]! : '';
    const table = context.session.environment.externals[uri];
    if (table === undefined) {
      return refuse(
        'MG010',
        `the file ${uri || 'of externaldata'} is not mapped to a local one`,
        item,
        uri ? supplyAs(fileName(uri)) : 'write its address as a literal',
      );
    }
    return scan(table, columns, { label: table });
  });
  if (plans.length === 0) return refuse('MG003', 'externaldata without an address', node);
  return relationOf(
    plans.length === 1 ? plans[0]! : union(plans, columns, origin(context, 'externaldata', node)),
  );
}

/** The last part of an address that is one, less an ending that is not read: `prod` of `https://host/rhel/prod/?x`. */
function fileName(uri: string): string {
  const name = uri.split('?')[0]!.split('/').filter(Boolean).at(-1) ?? uri;
  return READABLE.test(name) ? name : name.replace(/\.[^.]+$/, '');
}
