import {
  DuckDBDateValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { instantText } from './instant-text.ts';

const MICROS_PER_DAY = 86_400_000_000n;

/** Whole microseconds since the Unix epoch, whatever timestamp type carries them; null for the infinities. */
export function microsOf(value: DuckDBValue): bigint | null {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) {
    return value.isFinite ? value.micros : null;
  }
  if (value instanceof DuckDBTimestampNanosecondsValue)
    return value.isFinite ? flooredMicros(value.nanos) : null;
  if (value instanceof DuckDBTimestampMillisecondsValue) return value.isFinite ? value.millis * 1000n : null;
  if (value instanceof DuckDBTimestampSecondsValue) return value.isFinite ? value.seconds * 1_000_000n : null;
  if (value instanceof DuckDBDateValue) return value.isFinite ? BigInt(value.days) * MICROS_PER_DAY : null;
  return null;
}

/** Cut towards the past: a bigint's own division goes towards 1970, on another day. */
function flooredMicros(nanos: bigint): bigint {
  return (nanos - (((nanos % 1000n) + 1000n) % 1000n)) / 1000n;
}

/** https://tc39.es/ecma262/#sec-time-values-and-time-range */
const LAST_MILLISECOND = 8_640_000_000_000_000n;

/** An instant as ISO-8601 in UTC, with seven digits of fraction or none; see {@link infinityText}. */
export function datetimeText(value: DuckDBValue): string {
  const micros = microsOf(value);
  // The engine's instants go further than JavaScript's: of what lies beyond, its own text.
  if (micros === null || micros / 1000n > LAST_MILLISECOND || micros / 1000n < -LAST_MILLISECOND) {
    return infinityText(value) ?? String(value);
  }
  return instantText(micros);
}

/** An infinite time as the engine writes it; of all but TIMESTAMP, node-api's text is of a day millions of years off. */
function infinityText(value: DuckDBValue): string | undefined {
  const time = value as unknown as { readonly isFinite?: boolean } & Readonly<
    Record<string, number | bigint>
  >;
  if (time.isFinite !== false) return undefined;
  const { days, micros, nanos, millis, seconds } = time;
  return (days ?? micros ?? nanos ?? millis ?? seconds ?? 0) < 0 ? '-infinity' : 'infinity';
}
