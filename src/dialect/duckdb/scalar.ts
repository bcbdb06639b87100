/** Scalar expressions as DuckDB's SQL. */
import type { Aggregation, Call, Scalar, SortKey, Window } from '../../plan/scalar.ts';
import type { FunctionTables } from '../dialect.ts';
import type { Write } from '../function-row.ts';
import { convert } from './functions/conversions.ts';
import { heldAside } from './functions/held-aside.ts';
import { jsonPath } from './functions/path.ts';
import { identifier, literalSql } from './literals.ts';

export interface ScalarPrinter {
  /** SQL for the expression's value. */
  value(scalar: Scalar): string;
  /** SQL that is true exactly where the expression is; false and null may stand for one another. */
  predicate(scalar: Scalar): string;
}

/** `relationName` prints a plan and gives the name that it can be read by. */
export function scalarPrinter(
  tables: FunctionTables,
  relationName: (plan: Extract<Scalar, { kind: 'subquery' }>['plan']) => string,
): ScalarPrinter {
  const value = (scalar: Scalar): string => {
    switch (scalar.kind) {
      case 'column':
        return `${scalar.side ? `${scalar.side === 'left' ? 'l' : 'r'}.` : ''}${identifier(scalar.name)}`;
      case 'literal':
        return literalSql(scalar);
      case 'call':
        return printCall(scalar);
      case 'aggregation':
        return printAggregation(scalar);
      case 'window':
        return printWindow(scalar);
      case 'subquery':
        return `(SELECT ${identifier(scalar.plan.columns[0]!.name)} FROM ${relationName(scalar.plan)} LIMIT 1)`;
      case 'membership':
        return `coalesce(${membership(scalar)}, FALSE)`;
      default:
        return scalar satisfies never;
    }
  };

  const membership = (scalar: Extract<Scalar, { kind: 'membership' }>): string =>
    `${value(scalar.value)} IN (SELECT ${identifier(scalar.plan.columns[0]!.name)} FROM ${relationName(scalar.plan)})`;

  const printCall = (call: Call): string => {
    if (call.name === 'convert') return convert(call, value);
    if (call.name === 'path') {
      const [base, path] = jsonPath(call, value);
      return `nullif(json_extract(${base}, ${path}), 'null')`;
    }
    const row = tables.functions[call.name];
    if (!row) throw new TypeError(`no SQL for ${call.name}`);
    return heldAside(call.args.map(value), (args) => row.sql(args, call));
  };

  const orderBy = (keys: readonly SortKey[] | undefined): string =>
    keys?.length ? `ORDER BY ${keys.map((key) => sortKey(key, value)).join(', ')}` : '';

  const printAggregation = (call: Aggregation): string => {
    const filter = call.filter ? predicate(call.filter) : undefined;
    const write: Write = (name, args, options = {}) => {
      const where = [filter, options.where].filter((part) => part !== undefined).join(' AND ');
      const inner = [
        options.distinct ? `DISTINCT ${args}` : args,
        options.distinct ? '' : orderBy(call.order),
      ];
      return `${name}(${inner.filter(Boolean).join(' ')})${where ? ` FILTER (WHERE ${where})` : ''}`;
    };
    return tables.aggregates[call.name]!.sql(call.args.map(value), write, call);
  };

  const printWindow = (call: Window): string => {
    const partition = call.partition.length ? `PARTITION BY ${call.partition.map(value).join(', ')}` : '';
    const over = `OVER (${[partition, orderBy(call.order)].filter(Boolean).join(' ')}`;
    const write: Write = (name, args, options = {}) => {
      const frame = options.frame ?? FRAMES[call.name];
      return `${name}(${args})${options.where ? ` FILTER (WHERE ${options.where})` : ''} ${over}${frame ? ` ${frame}` : ''})`;
    };
    return tables.windows[call.name]!.sql(call.args.map(value), write, call);
  };

  const predicate = (scalar: Scalar): string => {
    if (scalar.kind === 'membership') return membership(scalar);
    if (scalar.kind !== 'call') return value(scalar);
    const args = scalar.args;
    if (scalar.name === 'and') return `${predicate(args[0]!)} AND ${predicate(args[1]!)}`;
    if (scalar.name === 'or') return `(${predicate(args[0]!)} OR ${predicate(args[1]!)})`;
    const relaxed = tables.functions[`${scalar.name}_or_null`];
    return relaxed ? relaxed.sql(args.map(value), scalar) : value(scalar);
  };

  return { value, predicate };
}

const FRAMES: Readonly<Record<string, string>> = {
  row_cumsum: 'ROWS UNBOUNDED PRECEDING',
  running_count: 'ROWS UNBOUNDED PRECEDING',
  running_max: 'ROWS UNBOUNDED PRECEDING',
};

export function sortKey(key: SortKey, value: (scalar: Scalar) => string): string {
  const nullsMatter = key.value.nullable;
  const nulls = nullsMatter ? ` NULLS ${key.nullsFirst ? 'FIRST' : 'LAST'}` : '';
  return `${value(key.value)}${key.descending ? ' DESC' : ''}${nulls}`;
}
