import {
  DuckDBDecimalType,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  type DuckDBType,
} from '@duckdb/node-api';
import type { Field } from 'apache-arrow';
import { quoteIdentifier } from '../../dialect/duckdb/quote.ts';
import { ArrowProblem } from './problem.ts';

/** The type as DDL, its field names quoted. */
export function typeSql(type: DuckDBType): string {
  if (type instanceof DuckDBListType) return `${typeSql(type.valueType)}[]`;
  if (type instanceof DuckDBMapType) return `MAP(${typeSql(type.keyType)}, ${typeSql(type.valueType)})`;
  if (type instanceof DuckDBDecimalType) return `DECIMAL(${type.width}, ${type.scale})`;
  if (type instanceof DuckDBStructType) {
    const fields = type.entryNames.map(
      (name, i) => `${quoteIdentifier(name)} ${typeSql(type.entryTypes[i]!)}`,
    );
    return `STRUCT(${fields.join(', ')})`;
  }
  return type.toString();
}

/** The names of the fields, which the engine tells apart without regard to case. */
export function distinctNames(fields: readonly Field[], where: string): string[] {
  if (fields.length === 0) throw new ArrowProblem(`${where} has no columns`);
  const seen = new Map<string, string>();
  for (const { name } of fields) {
    if (!name || name.includes('\0')) {
      throw new ArrowProblem(
        `${where} has a column without a name that SQL can write`,
        'name it before writing',
      );
    }
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined) {
      throw new ArrowProblem(
        `${where} has two columns of one name: ${twin} and ${name}`,
        'rename one before writing',
      );
    }
    seen.set(name.toLowerCase(), name);
  }
  return fields.map(({ name }) => name);
}
