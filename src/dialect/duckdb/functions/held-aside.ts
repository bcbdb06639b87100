import { macrosFor } from '../macros.ts';

/**
 * The call's SQL. Where it takes arguments into a lambda or TRY, by itself or by its macros, those that hold a subquery
 * (`toscalar`) are computed before: DuckDB allows no subquery in there.
 */
export function heldAside(args: readonly string[], sql: (args: readonly string[]) => string): string {
  const plain = sql(args);
  if (!args.some(asks) || ![plain, ...macrosFor(plain)].some(isClosed)) return plain;
  const fields = args.flatMap((arg, index) => (asks(arg) ? [`'a${index}': ${arg}`] : []));
  const inner = sql(args.map((arg, index) => (asks(arg) ? `held.a${index}` : arg)));
  // A row that writes a subquery of its own has seen to it where that stands.
  return asks(inner) ? plain : `list_transform([{${fields.join(', ')}}], lambda held: ${inner})[1]`;
}

const asks = (sql: string): boolean => sql.includes('(SELECT ');
const isClosed = (sql: string): boolean => /\blambda\b|\bTRY\(/.test(sql);
