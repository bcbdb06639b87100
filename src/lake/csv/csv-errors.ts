import type { DuckDBConnection } from '@duckdb/node-api';
import { counted } from '../../counted.ts';
import type { LakeFile } from '../formats.ts';
import type { BadValue } from '../unreadable/bad-value.ts';
import { csvHeader } from './csv.ts';
import { type CsvRecord, csvRecords } from './csv-records.ts';

/**
 * The line, and what is wrong with it, that keeps a CSV file from being read: of the value that could not be
 * converted where one is given, else of the first record that does not fit the header. Undefined where no line is
 * to blame, or the compression cannot be undone here.
 */
export async function csvProblem(
  connection: DuckDBConnection,
  file: LakeFile,
  value: BadValue | undefined,
): Promise<string | undefined> {
  if (file.compression === 'zstd') return value?.problem;
  const { separator, names } = await csvHeader(connection, file);
  if (value !== undefined && value.value === undefined) return value.problem;
  const column = names.findIndex((name) => name.toLowerCase() === value?.column.toLowerCase());
  let header = true;
  for await (const record of csvRecords(file, separator)) {
    const problem =
      value === undefined
        ? misfit(record, names.length)
        : !header && record.fields[column]?.slice(0, 100) === value.value
          ? value.problem
          : undefined;
    if (problem !== undefined) return `line ${record.line}: ${problem}`;
    header = false;
  }
  return value?.problem;
}

function misfit({ fields, problem }: CsvRecord, expected: number): string | undefined {
  if (problem !== undefined) return problem;
  if (fields.length !== expected) {
    return `${counted(fields.length, 'field')} where the header has ${expected}`;
  }
  return fields.some((field) => field.includes('\uFFFD')) ? 'not text in UTF-8' : undefined;
}
