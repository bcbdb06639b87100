/**
 * SQL of a time as TIMESTAMP, which has microseconds and is taken for UTC; what is finer is cut off, towards the past.
 *
 * @param type DuckDB's text of the value's type, in capitals: a TIMESTAMP of any kind, or DATE
 */
export function instantOf(value: string, type: string): string {
  if (type === 'TIMESTAMP') return value;
  // Without ICU: its cast from zoned to naive took 25 times as long, measured.
  if (type === 'TIMESTAMP WITH TIME ZONE') return `make_timestamp(epoch_us(${value}))`;
  if (type === 'TIMESTAMP_NS') return fromNanoseconds(value);
  return `(${value})::TIMESTAMP`;
}

/** The engine's cast cuts towards 1970: a moment before it would be on another day, and on the other side of a time bound. */
function fromNanoseconds(value: string): string {
  const micros = `epoch_ns(${value}) // 1000 - (epoch_ns(${value}) % 1000 <> 0)::BIGINT`;
  return `CASE WHEN ${value} < TIMESTAMP_NS '1970-01-01' AND isfinite(${value}) THEN make_timestamp(${micros}) ELSE (${value})::TIMESTAMP END`;
}
