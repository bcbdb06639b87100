/** Where JSON values begin and end in a text that may be cut off anywhere: what can be told from a file's first bytes. */

/** A member of an object: its key and where its value lies. `end` is undefined where the text ends first. */
export interface Member {
  readonly key: string;
  readonly start: number;
  readonly end: number | undefined;
}

/** The members of the object that begins at `start`, as far as the text goes; none where no object begins there. */
export function* members(text: string, start: number): Generator<Member> {
  if (text[start] !== '{') return;
  let at = skipSpace(text, start + 1);
  while (text[at] === '"') {
    const keyEnd = endOfValue(text, at);
    if (keyEnd === undefined) return;
    const colon = skipSpace(text, keyEnd);
    if (text[colon] !== ':') return;
    const key = unescaped(text.slice(at, keyEnd));
    const value = skipSpace(text, colon + 1);
    if (value >= text.length) return;
    const end = endOfValue(text, value);
    yield { key, start: value, end };
    if (end === undefined) return;
    at = skipSpace(text, end);
    if (text[at] !== ',') return;
    at = skipSpace(text, at + 1);
  }
}

/** Where the elements of the array that begins at `start` begin, as far as the text goes. */
export function* elements(text: string, start: number): Generator<number> {
  if (text[start] !== '[') return;
  let at = skipSpace(text, start + 1);
  while (at < text.length && text[at] !== ']') {
    yield at;
    const end = endOfValue(text, at);
    if (end === undefined) return;
    at = skipSpace(text, end);
    if (text[at] !== ',') return;
    at = skipSpace(text, at + 1);
  }
}

/** The position just behind the value that begins at `start`; undefined where the text ends before the value. */
export function endOfValue(text: string, start: number): number | undefined {
  const first = text[start];
  if (first === '"') return endOfString(text, start);
  if (first === '{' || first === '[') return endOfContainer(text, start);
  const length = /^[^\s,:{}[\]"]+/.exec(text.slice(start, start + 400))?.[0].length ?? 1;
  return start + length < text.length ? start + length : undefined;
}

/** The first position at or after `at` that is not white space. */
export function skipSpace(text: string, at: number): number {
  let position = at;
  for (let code = text.charCodeAt(at); code === 32 || (code >= 9 && code <= 13); ) {
    position += 1;
    code = text.charCodeAt(position);
  }
  return position;
}

function endOfString(text: string, start: number): number | undefined {
  let quote = text.indexOf('"', start + 1);
  while (quote >= 0 && escaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote < 0 ? undefined : quote + 1;
}

function escaped(text: string, quote: number): boolean {
  let slashes = 0;
  while (text[quote - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
}

function endOfContainer(text: string, start: number): number | undefined {
  const interesting = /["{}[\]]/g;
  interesting.lastIndex = start;
  let depth = 0;
  for (let found = interesting.exec(text); found !== null; found = interesting.exec(text)) {
    if (found[0] === '"') {
      const end = endOfString(text, found.index);
      if (end === undefined) return undefined;
      interesting.lastIndex = end;
    } else {
      depth += found[0] === '{' || found[0] === '[' ? 1 : -1;
      if (depth === 0) return found.index + 1;
    }
  }
  return undefined;
}

function unescaped(key: string): string {
  if (!key.includes('\\')) return key.slice(1, -1);
  try {
    return JSON.parse(key) as string;
  } catch {
    return key.slice(1, -1);
  }
}
