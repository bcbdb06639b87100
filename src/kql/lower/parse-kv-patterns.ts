/** The regular expressions of `parse-kv`: each finds the value after the first occurrence of a key. */

export interface Delimiters {
  readonly pair: string;
  readonly between: string;
}

export const escaped = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}-]/g, '\\$&');

/** Blanks that are not themselves the delimiter. */
const blanks = (pair: string): string => (pair.trim() === '' ? '' : '\\s*');

/** The value is group 1. */
export function plainPattern({ pair, between }: Delimiters, key: string): string {
  const delimiter = escaped(pair);
  const value = pair.length === 1 ? `[^${delimiter}]*` : '.*?';
  return `(?s)(?:^|${delimiter})\\s*${escaped(key)}\\s*${escaped(between)}\\s*(${value})${blanks(pair)}(?:${delimiter}|$)`;
}

export interface Quotes {
  readonly open: string;
  readonly close: string;
  /** Before a quote that is part of the value. */
  readonly escape: string | undefined;
}

/** A value in quotes is group 1, one without is group 2. The pairs before it are passed one by one, quotes as wholes. */
export function quotedPattern({ pair, between }: Delimiters, quotes: Quotes, key: string): string {
  const [d, k, open, close] = [pair, between, quotes.open, quotes.close].map(escaped) as [
    string,
    string,
    string,
    string,
  ];
  const e = quotes.escape === undefined ? undefined : escaped(quotes.escape);
  const inner = e === undefined ? `[^${close}]*` : `(?:${e}.|[^${close}${e}])*`;
  const whole = `${open}${inner}${close}`;
  const name = `\\s*(?:${whole}|[^${d}${k}${open}][^${d}${k}]*)?\\s*`;
  const value = `\\s*(?:${whole}[^${d}]*|[^${d}${open}\\s][^${d}]*)?`;
  const before = `^(?:${name}(?:${k}${value})?${d})*?`;
  const own = `\\s*(?:${open}${escaped(key)}${close}|${escaped(key)})\\s*${k}\\s*`;
  return `(?s)${before}${own}(?:${open}(${inner})${close}|([^${d}]*))${blanks(pair)}(?:${d}|$)`;
}

/** The value, group 1, goes to the next of the keys. */
export function greedyPattern({ pair, between }: Delimiters, keys: readonly string[], key: string): string {
  const [d, k] = [escaped(pair), escaped(between)];
  const next = `${d}\\s*(?:${keys.map(escaped).join('|')})\\s*${k}`;
  return `(?s)(?:^|${d})\\s*${escaped(key)}\\s*${k}\\s*(.*?)\\s*(?:${next}|$)`;
}
