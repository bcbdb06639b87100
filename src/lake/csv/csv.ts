import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier, quoteString } from '../../dialect/duckdb/quote.ts';
import { LakeError } from '../../error.ts';
import type { PhysicalColumn } from '../convert.ts';
import { keyColumns, WITH_PATH, withKeys } from '../find/hive-columns.ts';
import { quotePaths } from '../find/paths.ts';
import type { LakeFile } from '../formats.ts';
import type { FileGroup } from '../group.ts';
import { headText } from '../json/json-bytes.ts';
import { alike } from '../shapes/alike.ts';
import { flatShape } from '../shapes/flat.ts';
import { csvFields, csvRecords } from './csv-records.ts';

/** What the first line of a CSV file is; where it is no header, columns are column1, column2, … */
export type FirstLine = 'header' | 'row' | 'passed over';

/**
 * CSV files as RFC 4180 has them, grouped by their headers and Hive keys. Everything is read as text; the
 * view parses, strictly. Nothing is left to the engine's sniffer: it was seen to take another dialect, and to drop
 * the rows that do not fit it, header included, when one row has a field too many.
 */
export async function csvGroups(
  connection: DuckDBConnection,
  files: readonly LakeFile[],
  first: FirstLine = 'header',
): Promise<FileGroup[]> {
  const read: CsvFile[] = [];
  for (const file of files) {
    const line = await firstLine(connection, file);
    const names = first === 'header' ? columnNames(file, line) : await numbered(file, line);
    read.push({ file, header: { ...line, names }, keys: keyColumns(file, names) });
  }
  return alike(read, ({ header, keys }) => JSON.stringify([header, keys])).map((group) =>
    csvGroup(group, first),
  );
}

interface CsvFile {
  readonly file: LakeFile;
  readonly header: CsvHeader;
  readonly keys: readonly string[];
}

function csvGroup(read: readonly CsvFile[], first: FirstLine): FileGroup {
  const { header, keys } = read[0]!;
  const files = read.map(({ file }) => file);
  return {
    files,
    shape: flatShape(header.names),
    relation:
      keys.length === 0
        ? readCsv(files, header, first)
        : withKeys(readCsv(files, header, first, [WITH_PATH]), keys),
    columns: [...header.names, ...keys].map((name): PhysicalColumn => ({ name, type: 'VARCHAR' })),
    hiveKeys: keys,
    text: true,
  };
}

/** A CSV file's column names, what separates them, and how many blank lines stand above them. */
export interface CsvHeader {
  readonly separator: string;
  readonly blankLines: number;
  readonly names: readonly string[];
}

/** What separates fields in files that are called CSV; the one that the header has most of is the file's. */
const SEPARATORS = [',', ';', '\t', '|'];

const LINE_END = /\r\n|\n|\r/g;

/** Blank lines, the first line that is not blank, and its end. */
const HEADER = /^((?:\r\n|\n|\r)*)([^\r\n]*)(\r\n|\n|\r|$)/;

/** Characters that no header has, and binary files begin with. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const NO_TEXT = /[\0-\x08\x0e-\x1f\ufffd]/;

/**
 * Reads a file's header line.
 * @throws LakeError naming the file, where it is no text, or no UTF-8, or a column's name stands in it twice, or where the
 * engine could not be told how many blank lines to skip: it counts lines that end alike
 */
export async function csvHeader(connection: DuckDBConnection, file: LakeFile): Promise<CsvHeader> {
  const line = await firstLine(connection, file);
  return { ...line, names: columnNames(file, line) };
}

/** The first line that is not blank, its fields as they stand there. */
async function firstLine(connection: DuckDBConnection, file: LakeFile): Promise<CsvHeader> {
  const { text } = await headText(connection, file);
  const [, above = '', line = '', end = ''] = HEADER.exec(text.replace(/^\uFEFF/, ''))!;
  const blankLines = above.match(LINE_END) ?? [];
  if (NO_TEXT.test(line)) throw new LakeError(`${file.path}: it is not text`, { file: file.path });
  if (blankLines.some((each) => end !== '' && each !== end)) {
    throw new LakeError(`${file.path}: the blank lines above its header end otherwise than the header does`, {
      file: file.path,
      hint: 'take the blank lines out',
    });
  }
  const candidates = SEPARATORS.map((separator) => ({ separator, names: csvFields(line, separator) }));
  const { separator, names } = candidates.reduce((best, each) =>
    each.names.length > best.names.length ? each : best,
  );
  return { separator, blankLines: blankLines.length, names };
}

/** As many columns as any record has fields: what has no header need not have as many in each. */
async function numbered(file: LakeFile, { separator, names }: CsvHeader): Promise<string[]> {
  let most = names.length;
  if (!/\.zst$/i.test(file.path))
    for await (const { fields } of csvRecords(file, separator)) most = Math.max(most, fields.length);
  return Array.from({ length: most }, (_, index) => `column${index + 1}`);
}

function columnNames(file: LakeFile, { names }: CsvHeader): string[] {
  const named = names.map((name, index) => (name.trim() === '' ? `column${index}` : name.trim()));
  const folded = named.map((name) => name.toLowerCase());
  const twice = named.find((_, index) => folded.indexOf(folded[index]!) < index);
  if (twice === undefined) return named;
  throw new LakeError(`${file.path}: its header names the column ${twice} twice`, {
    file: file.path,
    hint: 'give each column a name of its own; upper and lower case are the same',
  });
}

function readCsv(
  files: readonly LakeFile[],
  { separator, blankLines, names }: CsvHeader,
  first: FirstLine,
  further: readonly string[] = [],
): string {
  const columns = names.map((name) => `${quoteIdentifier(name)}: 'VARCHAR'`);
  return `read_csv(${[
    quotePaths(files),
    `columns = {${columns.join(', ')}}`,
    `header = ${first !== 'row'}`,
    ...(blankLines > 0 ? [`skip = ${blankLines}`] : []),
    'auto_detect = false',
    `delim = ${quoteString(separator)}`,
    `quote = '"'`,
    `escape = '"'`,
    'hive_partitioning = false',
    // Short records are filled up; the engine does that with quoted line ends by one thread only.
    ...(first === 'header' ? [] : ['null_padding = true', 'parallel = false']),
    ...further,
  ].join(', ')})`;
}
