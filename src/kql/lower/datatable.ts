/** `datatable`: rows written in the query. */
import { own } from '../../own.ts';
import { values } from '../../plan/nodes.ts';
import { type Literal, literal } from '../../plan/scalar.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { dialect, isHeld } from '../dialect.ts';
import { convertTo } from '../functions/call.ts';
import { decimalLiteral, parseDatetime, parseTimespan } from '../literals.ts';
import { elements, type SyntaxNode } from '../parser.ts';
import { jsonLiteral } from './expression/dynamic-literal.ts';
import { lowerScalar } from './expression/expression.ts';
import { type Context, nameOf, positionOf, type Relation, refuse, textOf } from './query/context.ts';
import { origin, relationOf, uniqueRefs } from './query/relation.ts';

export function declaredColumns(schema: SyntaxNode): { name: string; type: KqlType }[] {
  return elements(schema.Columns).map((declaration) => ({
    name: nameOf(declaration.Name),
    type: declaredType(declaration.Type),
  }));
}

export function declaredType(type: SyntaxNode): KqlType {
  const written = String(type.Type?.ValueText ?? type.Type?.Text ?? '');
  const known: Readonly<Record<string, KqlType>> = {
    double: 'real',
    float: 'real',
    boolean: 'bool',
    date: 'datetime',
    time: 'timespan',
    uuid: 'guid',
    uniqueid: 'guid',
    int32: 'int',
    int64: 'long',
    object: 'dynamic',
  };
  return own(known, written) ?? (written as KqlType);
}

export function lowerDatatable(context: Context, node: SyntaxNode): Relation {
  const columns = declaredColumns(node.Schema);
  const refs = uniqueRefs(columns.map(({ name }) => name));
  const cells = elements(node.Values);
  if (columns.length === 0 || cells.length % columns.length !== 0) {
    return refuse('KS120', `the values do not fill rows of ${columns.length} columns`, node);
  }
  const rows: Literal[][] = [];
  cells.forEach((cell, index) => {
    const column = columns[index % columns.length]!;
    if (index % columns.length === 0) rows.push([]);
    rows.at(-1)!.push(cellOf(context, cell, column.type));
  });
  const planColumns = columns.map(({ type }, index) => ({
    name: refs[index]!,
    type,
    nullable: type !== 'string',
  }));
  return relationOf(
    values(planColumns, rows, origin(context, 'datatable', node)),
    columns.map(({ name }) => name),
  );
}

function cellOf(context: Context, node: SyntaxNode, type: KqlType): Literal {
  const value = lowerScalar(context, node);
  if (value.kind !== 'literal') return refuse('MG003', 'only literals stand in a datatable', node);
  if (value.type === type) return value;
  if (value.value === null) return literal(type, null);
  if (type === 'dynamic') return literal('dynamic', jsonLiteral(value.type, value.value));
  if (value.type === 'string') {
    const text = String(value.value);
    if (type === 'datetime') {
      const parsed = parseDatetime(text);
      if (parsed && !isHeld(parsed.ticks))
        return refuse('MG004', `${text} is finer than ${dialect().name} can hold`, node);
      return literal('datetime', parsed ? parsed.micros : null);
    }
    if (type === 'timespan') return literal('timespan', parseTimespan(text) ?? null);
    if (type === 'guid') return literal('guid', text === '' ? null : text);
    if ((type === 'long' || type === 'int') && /^-?\d+$/.test(text)) return literal(type, BigInt(text));
    if (type === 'real' && text !== '' && Number.isFinite(Number(text))) return literal('real', Number(text));
    if (type === 'bool' && /^(true|false)$/i.test(text))
      return literal('bool', text.toLowerCase() === 'true');
  }
  if (type === 'decimal' && (value.type === 'long' || value.type === 'real'))
    return decimalLiteral(textOf(context, node), positionOf(node));
  const converted = convertTo(value, type, node);
  if (converted.kind === 'literal') return converted;
  if (type === 'bool' && typeof value.value === 'bigint') return literal('bool', value.value !== 0n);
  if ((type === 'long' || type === 'int') && value.type === 'real')
    return literal(type, BigInt(Math.trunc(Number(value.value))));
  if ((type === 'long' || type === 'int') && value.type === 'bool')
    return literal(type, value.value ? 1n : 0n);
  return refuse('MG003', `a ${value.type} in a column of ${type} has no translation`, node);
}
