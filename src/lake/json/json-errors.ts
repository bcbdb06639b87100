import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { quoteString } from '../../dialect/duckdb/quote.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { attempt, type PhysicalColumn } from '../convert.ts';
import { type SniffedFile, sniff, tableOfRecord } from '../find/sniff.ts';
import type { LakeFile } from '../formats.ts';
import { byteChunks, linesRelation } from './json-bytes.ts';
import { type Member, members } from './json-text.ts';
import { type JsonValue, jsonLines, jsonValues } from './json-values.ts';

/** A record that cannot be read: the line it begins on, counted from 1, and what is wrong, in words for the user. */
export interface BadRecord {
  readonly line: number;
  readonly problem: string;
}

/** The part of each record that holds the columns: a member, of the records of one table. */
export interface RecordPart {
  readonly member: string;
  readonly table: string;
}

/**
 * The first record of a JSON file that is malformed or has a value that its column's type cannot hold, found
 * without trusting the engine's line numbers. The file is read as a stream. A record that is plainly right is
 * passed over here; the engine judges the rest one by one, so that what it would read is never called bad.
 * Column types are the scalar ones of read_json, of which whole numbers must be whole ones also in the file, and
 * TIMESTAMPTZ for text that must be a time.
 */
export async function firstBadRecord(
  connection: DuckDBConnection,
  file: LakeFile,
  columns: readonly PhysicalColumn[],
  part?: RecordPart,
): Promise<BadRecord | undefined> {
  const sniffed = await sniff(connection, file);
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  for await (const { line, bytes } of records(connection, sniffed)) {
    const problem = await problemOf(connection, bytes, types, sniffed, part);
    if (problem !== undefined) return { line, problem };
  }
  return undefined;
}

function records(
  connection: DuckDBConnection,
  { file, layout, wrapped }: SniffedFile,
): AsyncIterable<JsonValue> {
  if (file.compression === 'zstd') return zstdLines(connection, file);
  if (wrapped !== undefined) return jsonValues(byteChunks(file), 2);
  if (layout === 'newline_delimited') return jsonLines(byteChunks(file));
  return jsonValues(byteChunks(file), layout === 'array' ? 1 : 0);
}

const ZSTD_LINES_AT_ONCE = 100_000;

async function* zstdLines(connection: DuckDBConnection, file: LakeFile): AsyncGenerator<JsonValue> {
  for (let read = 0; ; read += ZSTD_LINES_AT_ONCE) {
    const page = `SELECT line FROM ${linesRelation(file)} LIMIT ${ZSTD_LINES_AT_ONCE} OFFSET ${read}`;
    const rows = await (await connection.run(page)).getRows();
    for (const [index, [line]] of rows.entries()) {
      yield { line: read + index + 1, bytes: Buffer.from(String(line ?? '')) };
    }
    if (rows.length < ZSTD_LINES_AT_ONCE) return;
  }
}

/** DuckDB's limit of an object where none is set. */
const LARGEST_OBJECT = 16 * 1024 * 1024;

async function problemOf(
  connection: DuckDBConnection,
  bytes: Uint8Array,
  types: ReadonlyMap<string, string>,
  { wrapped }: SniffedFile,
  part: RecordPart | undefined,
): Promise<string | undefined> {
  if (bytes.length > LARGEST_OBJECT && wrapped === undefined)
    return `an object of ${bytes.length} bytes, more than 16 MB`;
  const text = decoded(bytes);
  if (text === undefined) return 'not text in UTF-8';
  if (text === '') return undefined;
  const malformed = parses(text) ? undefined : await malformation(connection, text);
  if (malformed !== undefined) return malformed;
  if (part === undefined) return fits(text, types) ? undefined : misfit(connection, text, types);
  const record = [...members(text, 0)];
  if (!record.some(({ key }) => key === 'category') && text !== 'null')
    return `an event of Defender's streaming API is expected, not ${shortened(text)}`;
  const columns = partOf(text, record, part);
  return columns === undefined || fits(columns, types) ? undefined : misfit(connection, columns, types);
}

/** What DuckDB takes for white space around a line. */
const SPACE_AROUND = /^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g;

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).replace(SPACE_AROUND, '');
  } catch {
    return undefined;
  }
}

/** JSON.parse takes half a surrogate pair, which DuckDB does not; DuckDB takes NaN and a comma too many. */
function parses(text: string): boolean {
  if (/\\u[dD][89a-fA-F]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function malformation(connection: DuckDBConnection, text: string): Promise<string | undefined> {
  const [valid] = await column(connection, 'SELECT json_valid($text)', text);
  if (valid) return undefined;
  const said = await column(connection, 'SELECT $text::JSON', text).catch((error: Error) => error.message);
  const [, byte, why] = /at byte (\d+) of input: ([^.]*)/.exec(String(said)) ?? [];
  return why === undefined ? 'malformed JSON' : `malformed JSON at byte ${Number(byte) + 1}: ${why}`;
}

function partOf(text: string, record: readonly Member[], { member, table }: RecordPart): string | undefined {
  const found = record.find(({ key }) => key === member);
  return found !== undefined && tableOfRecord(text, record) === table
    ? text.slice(found.start, found.end)
    : undefined;
}

/** JSON that plainly is a value of the type; what is not may still be one. */
const PLAINLY: Readonly<Record<string, RegExp>> = {
  VARCHAR: /^/,
  JSON: /^/,
  INTEGER: /^(?:-?\d{1,9}|"-?\d{1,9}")$/,
  BIGINT: /^(?:-?\d{1,15}|"-?\d{1,15}")$/,
  DOUBLE: /^-?\d[\d.]*$/,
  BOOLEAN: /^(?:true|false)$/,
  TIMESTAMPTZ:
    /^"[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])[T ](?:[01]\d|2[0-3])(?::[0-5]\d){2}(?:\.\d{1,9})?Z?"$/,
};

function fits(object: string, types: ReadonlyMap<string, string>): boolean {
  if (!object.startsWith('{')) return false;
  const seen = new Set<string>();
  for (const { key, start, end } of members(object, 0)) {
    const type = types.get(key);
    if (type === undefined) continue;
    const value = object.slice(start, end);
    if (seen.has(key) || !(value === 'null' || PLAINLY[type]?.test(value))) return false;
    seen.add(key);
  }
  return true;
}

/** The engine's judgement, column by column, by the very SQL that reads the values of a lake. */
async function misfit(
  connection: DuckDBConnection,
  object: string,
  types: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const [kind] = await column(connection, 'SELECT json_type($text)', object);
  if (kind !== 'OBJECT')
    return kind === 'NULL' ? undefined : `an object is expected, not ${shortened(object)}`;
  const names = await column(connection, 'SELECT unnest(json_keys($text))', object);
  for (const [name, type] of types) {
    const times = names.filter((each) => each === name).length;
    if (times > 1) return `it has ${name} ${times} times`;
    if (times === 0) continue;
    const [unreadable] = await column(connection, `SELECT ${reading(name, type)} IS NULL`, object);
    if (unreadable) {
      const [value] = await column(connection, `SELECT ${member(name)}`, object);
      return `${name} is ${shortened(String(value))}, which cannot be read as ${type}`;
    }
  }
  return undefined;
}

/** What is read as text, which the lake then parses: '' is null. */
const PARSED: Readonly<Record<string, KqlType>> = { INTEGER: 'int', BIGINT: 'long', TIMESTAMPTZ: 'datetime' };

/** SQL that is null where the member cannot be read as the type. */
function reading(name: string, type: string): string {
  const kql = PARSED[type];
  if (kql === undefined)
    return `TRY(json_transform_strict($text, ${quoteString(JSON.stringify({ [name]: type }))}))`;
  const text = `(${member(name)} ->> '$')`;
  return `CASE WHEN coalesce(${text}, '') = '' THEN '' ELSE (${attempt(text, kql)})::VARCHAR END`;
}

function member(name: string): string {
  return `json_extract($text, ${quoteString(`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)})`;
}

function shortened(value: string): string {
  return value.length > 60 ? `${value.slice(0, 60)}…` : value;
}

/** The first column of a query over the text. */
async function column(connection: DuckDBConnection, sql: string, text: string): Promise<DuckDBValue[]> {
  const rows = await (await connection.run(sql, { text })).getRows();
  return rows.map(([value]) => value ?? null);
}
