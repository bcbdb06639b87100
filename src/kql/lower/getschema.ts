/** `getschema`: the columns as rows. */
import { values } from '../../plan/nodes.ts';
import { literal } from '../../plan/scalar.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import type { SyntaxNode } from '../parser.ts';
import { type Context, type Relation, refuse } from './query/context.ts';
import { origin, relationOf } from './query/relation.ts';

const DOTNET: Readonly<Record<KqlType, string>> = {
  bool: 'System.SByte',
  datetime: 'System.DateTime',
  decimal: 'System.Data.SqlTypes.SqlDecimal',
  dynamic: 'System.Object',
  guid: 'System.Guid',
  int: 'System.Int32',
  long: 'System.Int64',
  real: 'System.Double',
  string: 'System.String',
  timespan: 'System.TimeSpan',
};

export function lowerGetschema(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  if (context.row.group)
    return refuse('MG003', 'getschema inside mv-apply or partition has no translation', node);
  const columns = [
    { name: 'ColumnName', type: 'string' as const, nullable: false },
    { name: 'ColumnOrdinal', type: 'long' as const, nullable: false },
    { name: 'DataType', type: 'string' as const, nullable: false },
    { name: 'ColumnType', type: 'string' as const, nullable: false },
  ];
  const rows = context.row.columns.map(({ name, type }, index) => [
    literal('string', name),
    literal('long', BigInt(index)),
    literal('string', DOTNET[type]),
    literal('string', type),
  ]);
  return relationOf(values(columns, rows, origin(context, 'getschema', node)));
}
