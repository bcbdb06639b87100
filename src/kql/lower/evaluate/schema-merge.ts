/** `evaluate schema_merge()`: schemas, as `getschema` gives them, made one; a column that moved is an error. */
import type { SyntaxNode } from '../../parser.ts';
import { kindOf } from '../../parser.ts';
import { lowerScalar } from '../expression/expression.ts';
import { type Context, type Relation, refuse } from '../query/context.ts';
import { runQuery } from './plugin-query.ts';

const QUERY = `
let merged = T
  | summarize _first = min(ColumnOrdinal), _last = max(ColumnOrdinal), _types = count_distinct(ColumnType),
      DataType = take_any(DataType), ColumnType = take_any(ColumnType) by ColumnName;
let shared = toscalar(merged | where _first == _last | summarize count() - count_distinct(_first));
let moved = "ERROR(columns are out of order)";
merged
| where assert(_types == 1, "schema_merge of a column of several types has no translation")
| where assert(shared == 0, "schema_merge of two columns at one place has no translation")
| project ColumnName,
    ColumnOrdinal = iff(_first == _last, _first, -1),
    DataType = iff(_first == _last, DataType, strcat("ERROR(unknown CSL type:", moved, ")")),
    ColumnType = iff(_first == _last, ColumnType, moved)`;

export function lowerSchemaMerge(
  context: Context & { row: Relation },
  args: readonly SyntaxNode[],
  node: SyntaxNode,
): Relation {
  const [order] = args;
  const preserve =
    order && lowerScalar(context, kindOf(order) === 'SimpleNamedExpression' ? order.Expression : order);
  if (preserve && !(preserve.kind === 'literal' && preserve.value === true))
    return refuse('MG003', 'schema_merge that does not preserve the order has no translation', node);
  return runQuery(context, QUERY, { T: { kind: 'table', relation: context.row } }, node);
}
