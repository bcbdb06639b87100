/** A value that stands by itself in a stream of JSON: the line it begins on, counted from 1, and its bytes. */
export interface JsonValue {
  readonly line: number;
  readonly bytes: Uint8Array;
}

const NEWLINE = 10;

/** The lines of a stream, blank ones too, without their ends. One line is held at a time. */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<JsonValue> {
  let parts: Uint8Array[] = [];
  let line = 1;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      yield { line, bytes: joined([...parts, chunk.subarray(from, end)]) };
      parts = [];
      line += 1;
      from = end + 1;
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
  }
  if (parts.length > 0) yield { line, bytes: joined(parts) };
}

/**
 * The values of a stream at a depth: 0 for values that follow one another, 1 for the elements of arrays, 2 for
 * those of arrays that are members of objects (`{"records": […]}`). A value that the end cuts off comes as it is.
 */
export async function* jsonValues(
  chunks: AsyncIterable<Uint8Array>,
  depth: number,
): AsyncGenerator<JsonValue> {
  const scanner = new ValueScanner(depth);
  let parts: Uint8Array[] = [];
  let line = 1;
  for await (const chunk of chunks) {
    let from = 0;
    for (const mark of scanner.marks(chunk)) {
      if (mark.opens) {
        from = mark.at;
        line = mark.line;
        continue;
      }
      yield { line, bytes: joined([...parts, chunk.subarray(from, mark.at)]) };
      parts = [];
    }
    if (scanner.inValue) parts.push(chunk.subarray(from));
  }
  if (parts.length > 0) yield { line, bytes: joined(parts) };
}

/** The length in bytes of the longest line. */
export async function longestLine(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let longest = 0;
  let open = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      longest = Math.max(longest, open + end - from);
      open = 0;
      from = end + 1;
    }
    open += chunk.length - from;
  }
  return Math.max(longest, open);
}

/** The length in bytes of the largest of the values that follow one another. */
export async function largestValue(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const scanner = new ValueScanner(0);
  let largest = 0;
  let open = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (const mark of scanner.marks(chunk)) {
      if (!mark.opens) largest = Math.max(largest, open + mark.at - from);
      from = mark.at;
      open = 0;
    }
    if (scanner.inValue) open += chunk.length - from;
  }
  return Math.max(largest, open);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

/** Where a value begins (`opens`), or just behind where it ends, within a chunk. */
interface Mark {
  readonly opens: boolean;
  readonly at: number;
  readonly line: number;
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [...Buffer.from('"\\,:')];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [...Buffer.from('[]{}')];

/** Follows strings and brackets from chunk to chunk. */
class ValueScanner {
  /** Whether the last chunk ended inside a value. */
  inValue = false;
  readonly #depth: number;
  readonly #open: number[] = [];
  #inString = false;
  #escaped = false;
  #line = 1;

  constructor(depth: number) {
    this.#depth = depth;
  }

  *marks(chunk: Uint8Array): Generator<Mark> {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (byte === NEWLINE) this.#line += 1;
      if (this.#inString) {
        this.#inside(byte);
        continue;
      }
      const here = this.#here();
      const separates = byte <= 32 || byte === COMMA || byte === COLON;
      const closes = byte === CLOSE_LIST || byte === CLOSE_OBJECT;
      if (this.inValue && here && (separates || closes)) {
        this.inValue = false;
        yield { opens: false, at, line: this.#line };
      } else if (!this.inValue && here && !separates && !closes) {
        this.inValue = true;
        yield { opens: true, at, line: this.#line };
      }
      if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN_LIST || byte === OPEN_OBJECT) this.#open.push(byte);
      else if (closes) this.#open.pop();
      if (closes && this.inValue && this.#here()) {
        this.inValue = false;
        yield { opens: false, at: at + 1, line: this.#line };
      }
    }
  }

  #inside(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  /** Whether the position is where values of the depth stand, between the brackets around them. */
  #here(): boolean {
    if (this.#open.length !== this.#depth) return false;
    return this.#depth === 0 || this.#open[this.#depth - 1] === OPEN_LIST;
  }
}
