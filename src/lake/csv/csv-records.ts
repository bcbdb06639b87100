import type { LakeFile } from '../formats.ts';
import { byteChunks } from '../json/json-bytes.ts';

/** A record of a CSV file: the line it begins on, counted from 1, its fields, and what is wrong with it. */
export interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
  readonly problem?: string;
}

/**
 * The records of a CSV file, header included, blank lines left out. The file is read as a stream. The lines are
 * counted here because the engine counts records, which go wrong behind a field of several lines.
 * Compression other than gzip is beyond it.
 */
export async function* csvRecords(file: LakeFile, separator: string): AsyncGenerator<CsvRecord> {
  const decoder = new TextDecoder();
  let pending = '';
  let line = 1;
  for await (const chunk of byteChunks(file)) {
    pending += decoder.decode(chunk, { stream: true });
    for (let end = recordEnd(pending, separator); end !== undefined; end = recordEnd(pending, separator)) {
      const text = pending.slice(0, end);
      if (!isBlank(text)) yield { line, ...parsed(text, separator) };
      line += text.split('\n').length - 1;
      pending = pending.slice(end);
    }
    if (pending.length > LARGEST_RECORD) {
      yield { line, fields: [], problem: 'a record of more than 2 MB, or a quote that is never closed' };
      return;
    }
  }
  pending += decoder.decode();
  if (!isBlank(pending)) yield { line, ...parsed(pending, separator) };
}

/** The engine's limit of a line. */
const LARGEST_RECORD = 2_000_000;

/** The fields of one record; a quote that is not closed holds the rest. */
export function csvFields(record: string, separator: string): string[] {
  return parsed(record, separator).fields;
}

const isBlank = (text: string) => /^[\r\n]*$/.test(text);

/** Just behind the first line end that is not within quotes, which only a field's first character opens. */
function recordEnd(text: string, separator: string): number | undefined {
  let quoted = false;
  let fieldStart = true;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === '"') quoted = false;
    } else if (character === '\n') {
      return at + 1;
    } else {
      // A quote behind a closing one goes on with the field: "" is a quote in it.
      quoted = character === '"' && (fieldStart || text[at - 1] === '"');
    }
    fieldStart = character === separator && !quoted;
  }
  return undefined;
}

function parsed(record: string, separator: string): { fields: string[]; problem?: string } {
  const fields: string[] = [];
  let rest = record.replace(/\r?\n$/, '');
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)("?)/.exec(rest);
    const plain = quoted === null ? rest.split(separator, 1)[0]! : '';
    const length = quoted === null ? plain.length : quoted[0].length;
    fields.push(quoted === null ? plain : quoted[1]!.replaceAll('""', '"'));
    if (quoted?.[2] === '') return { fields, problem: 'a quote is opened and never closed' };
    rest = rest.slice(length);
    if (rest === '') return { fields };
    if (!rest.startsWith(separator)) {
      return { fields, problem: 'text follows a closing quote' };
    }
    rest = rest.slice(separator.length);
  }
}
