import { expandedSize, expandedUses } from '../expanded-size.ts';
import { macrosFor } from '../macros.ts';

/**
 * The call's SQL. Arguments are computed before, and held aside, where they hold a subquery (`toscalar`) and the call takes
 * them into a lambda or TRY, by itself or by its macros: DuckDB allows no subquery in there; and where it writes long ones so
 * often that calls within calls would grow without bound.
 */
export function heldAside(args: readonly string[], sql: (args: readonly string[]) => string): string {
  const plain = sql(args);
  if (args.some(asks) && [plain, ...macrosFor(plain)].some(isClosed))
    return holding(args, innerSql(args, sql, asks), asks) ?? plain;
  const count = args.filter(isComputed).length;
  if (count === 0) return plain;
  const inner = innerSql(args, sql, isComputed);
  if (expandedUses(inner, HELD) <= count) return plain;
  const size = expandedSize(plain);
  const held = size < LONG ? undefined : holding(args, inner, isComputed);
  return held && expandedSize(held) * 2 < size ? held : plain;
}

const innerSql = (
  args: readonly string[],
  sql: (args: readonly string[]) => string,
  isHeld: (arg: string) => boolean,
): string => sql(args.map((arg, index) => (isHeld(arg) ? `${HELD}.a${index}` : arg)));

/** Undefined for a row that writes a subquery of its own: it has seen to it where that stands. */
function holding(
  args: readonly string[],
  inner: string,
  isHeld: (arg: string) => boolean,
): string | undefined {
  const fields = args.flatMap((arg, index) => (isHeld(arg) ? [`'a${index}': ${arg}`] : []));
  return asks(inner) ? undefined : `list_transform([{${fields.join(', ')}}], lambda ${HELD}: ${inner})[1]`;
}

/** A name that no column has: arguments beside it would be taken for it. */
const HELD = 'kql_held';

/** Characters that DuckDB takes some tens of milliseconds for; the time grows faster than they. */
const LONG = 5_000;

const asks = (sql: string): boolean => sql.includes('(SELECT ');
const isClosed = (sql: string): boolean => /\blambda\b|\bTRY\(/.test(sql);
/** Anything beyond a column or a literal. */
const isComputed = (sql: string): boolean => sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, '').includes('(');
