import type { DuckDBConnection } from '@duckdb/node-api';
import type { LakeFile } from '../formats.ts';
import { HEAD_BYTES, headText } from '../json/json-bytes.ts';
import { holdsARecord, type JsonHead, type JsonLayout, jsonHead } from '../json/json-layout.ts';
import { type Member, members } from '../json/json-text.ts';

/** What a JSON file holds, told by its first records. Keys are these records' own, spelled as in the file. */
export type JsonContent =
  | { readonly shape: 'empty' }
  /** One record per row, one member per column. */
  | { readonly shape: 'rows'; readonly keys: Keys }
  /** Defender's streaming API; keys of `properties` by category, without its prefix. */
  | { readonly shape: 'streaming-api'; readonly keys: ReadonlyMap<string, Keys> }
  /** Windows events, of which Sysmon's are of use; nested as Winlogbeat nests them, or flat. */
  | {
      readonly shape: 'windows-events';
      readonly nested: boolean;
      readonly sysmon: boolean;
      readonly keys: Keys;
    };

export type Keys = ReadonlySet<string>;

export interface SniffedFile {
  readonly file: LakeFile;
  readonly layout: JsonLayout;
  readonly wrapped: string | undefined;
  readonly content: JsonContent;
}

/** The streaming API's categories are the tables' names behind this. https://learn.microsoft.com/defender-xdr/streaming-api */
export const CATEGORY_PREFIX = 'AdvancedHunting-';

/** Looks at a JSON file's first records, once per file. Throws a LakeError where the file cannot be read as JSON. */
export function sniff(connection: DuckDBConnection, file: LakeFile): Promise<SniffedFile> {
  const known = sniffed.get(file);
  if (known !== undefined) return known;
  const looking = look(connection, file);
  sniffed.set(file, looking);
  looking.catch(() => sniffed.delete(file));
  return looking;
}

/** Looks at many files, some at a time: their heads are small, and waiting for each is what takes long. */
export async function sniffAll(
  connection: DuckDBConnection,
  files: readonly LakeFile[],
): Promise<SniffedFile[]> {
  const all: SniffedFile[] = [];
  for (let next = 0; next < files.length; next += AT_ONCE) {
    const some = files.slice(next, next + AT_ONCE);
    all.push(...(await Promise.all(some.map((file) => sniff(connection, file)))));
  }
  return all;
}

const AT_ONCE = 16;

const sniffed = new WeakMap<LakeFile, Promise<SniffedFile>>();

async function look(connection: DuckDBConnection, file: LakeFile): Promise<SniffedFile> {
  const head = await headOf(connection, file);
  return { file, layout: head.layout, wrapped: head.wrapped, content: contentOf(head) };
}

/** What DuckDB takes for the size of the largest record. */
const LARGEST_RECORD = 16 * 1024 * 1024;

/** A head that holds at least one record to its end, if that is no larger than records may be. */
async function headOf(connection: DuckDBConnection, file: LakeFile): Promise<JsonHead> {
  let length = -1;
  for (let bytes = HEAD_BYTES; ; bytes *= 16) {
    const { text, marked } = await headText(connection, file, bytes);
    const head = jsonHead(text, marked);
    if (holdsARecord(head) || text.length <= length || bytes >= LARGEST_RECORD) return head;
    length = text.length;
  }
}

function contentOf({ text, wrapped, records }: JsonHead): JsonContent {
  if (records.length === 0 && wrapped === undefined) return { shape: 'empty' };
  const sample = records.map((start) => [...members(text, start)]);
  const rows: JsonContent = { shape: 'rows', keys: namesOf(sample) };
  if (wrapped === undefined) return streamingApi(text, sample) ?? windowsEvents(text, sample) ?? rows;
  return (
    streamingApi(text, sample) ?? (sample.length === 0 ? { shape: 'streaming-api', keys: new Map() } : rows)
  );
}

function streamingApi(text: string, sample: readonly Member[][]): JsonContent | undefined {
  const keys = new Map<string, Set<string>>();
  for (const record of sample) {
    const table = tableOfRecord(text, record);
    const properties = record.find(({ key }) => key === 'properties');
    if (table === undefined || properties === undefined) continue;
    const seen = keys.get(table) ?? new Set();
    for (const { key } of members(text, properties.start)) seen.add(key);
    keys.set(table, seen);
  }
  return keys.size > 0 ? { shape: 'streaming-api', keys } : undefined;
}

/** The table that a record of the streaming API is of; undefined where the record is none. */
export function tableOfRecord(text: string, record: readonly Member[]): string | undefined {
  const category = record.find(({ key }) => key === 'category');
  const value = category && text.slice(category.start, category.end);
  return value?.startsWith(`"${CATEGORY_PREFIX}`) ? value.slice(CATEGORY_PREFIX.length + 1, -1) : undefined;
}

/** Sysmon alone has UtcTime and ProcessGuid; other Windows logs have an event id and a channel. */
function windowsEvents(text: string, sample: readonly Member[][]): JsonContent | undefined {
  const data = sample.flatMap((record) => eventData(text, record));
  const keys = data.length > 0 ? new Set(data) : namesOf(sample);
  const folded = new Set([...keys].map((key) => key.toLowerCase()));
  const sysmon = folded.has('utctime') && folded.has('processguid');
  const nested = sample.some((record) => record.some(({ key }) => key === 'winlog'));
  const windows = nested || (folded.has('eventid') && (sysmon || folded.has('channel')));
  return windows ? { shape: 'windows-events', nested, sysmon, keys } : undefined;
}

function namesOf(sample: readonly Member[][]): Set<string> {
  const keys = new Set<string>();
  for (const record of sample) for (const { key } of record) keys.add(key);
  return keys;
}

function eventData(text: string, record: readonly Member[]): string[] {
  return record
    .filter(({ key }) => key === 'winlog')
    .flatMap(({ start }) => [...members(text, start)])
    .filter(({ key }) => key === 'event_data')
    .flatMap(({ start }) => [...members(text, start)])
    .map(({ key }) => key);
}
