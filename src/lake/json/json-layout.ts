import { elements, endOfValue, type Member, members, skipSpace } from './json-text.ts';

/** How a file's records follow one another, in the words of DuckDB's `format`. https://duckdb.org/docs/stable/data/json/format_settings */
export type JsonLayout = 'newline_delimited' | 'array' | 'unstructured';

/** What the first bytes of a JSON file tell. */
export interface JsonHead {
  readonly layout: JsonLayout;
  /** The member that holds the records where they lie in objects: `{"records": [record, …]}`, as Azure batches them. */
  readonly wrapped: string | undefined;
  readonly text: string;
  /** Where in `text` the first records begin; the last one may be cut off. */
  readonly records: readonly number[];
}

/** Reads the head of a file. `marked` says that the file begins with a byte-order mark. */
export function jsonHead(text: string, marked: boolean): JsonHead {
  const layout = layoutOf(text, marked);
  const outer = [...recordStarts(text, layout)];
  const wrapped = outer.length === 0 ? undefined : wrappedIn(text, outer[0]!)?.key;
  if (wrapped === undefined) return { layout, wrapped, text, records: outer };
  const inner = outer.flatMap((start) => {
    const list = wrappedIn(text, start);
    return list === undefined ? [] : [...elements(text, list.start)];
  });
  return { layout, wrapped, text, records: inner };
}

/** Whether the text goes on to the end of a first record, so that its keys are all there. */
export function holdsARecord({ text, records }: JsonHead): boolean {
  return records.length > 0 && endOfValue(text, records[0]!) !== undefined;
}

/**
 * `array` by the first character; `newline_delimited` where the first line, or else the second, is one whole value
 * or the only line there is; `unstructured` otherwise. DuckDB skips a byte-order mark in all layouts but lines.
 */
function layoutOf(text: string, marked: boolean): JsonLayout {
  const start = skipSpace(text, 0);
  if (text[start] === '[') return 'array';
  const [first = '', second] = text.slice(start).split('\n', 3);
  const lines = second === undefined || isOneValue(first) || (second.trim() !== '' && isOneValue(second));
  return lines && !marked && !holdsTwo(first) ? 'newline_delimited' : 'unstructured';
}

function isOneValue(line: string): boolean {
  const end = endOfValue(`${line}\n`, 0);
  return line.startsWith('{') && end !== undefined && line.slice(end).trim() === '';
}

function holdsTwo(line: string): boolean {
  const end = endOfValue(line, 0);
  return end !== undefined && /^\s*\{/.test(line.slice(end));
}

function* recordStarts(text: string, layout: JsonLayout): Generator<number> {
  let at = skipSpace(text, 0);
  if (layout === 'array') {
    yield* elements(text, at);
    return;
  }
  while (at < text.length) {
    yield at;
    // By lines, one that is broken does not swallow those that follow.
    const end = layout === 'newline_delimited' ? text.indexOf('\n', at) : (endOfValue(text, at) ?? -1);
    if (end < 0) return;
    at = skipSpace(text, end);
  }
}

function wrappedIn(text: string, start: number): Member | undefined {
  for (const member of members(text, start)) {
    if (member.key === 'records' && text[member.start] === '[') return member;
  }
  return undefined;
}
