import { expect, test } from 'vitest';
import { UsageError } from '../../src/error.ts';
import { FORMAT_NAMES, formatNamed, formatOfPath } from '../../src/report/formats.ts';

test('the formats are the documented ones', () => {
  expect(FORMAT_NAMES).toEqual(['table', 'json', 'jsonl', 'csv', 'markdown', 'parquet', 'arrow']);
  for (const name of FORMAT_NAMES) expect(formatNamed(name)).toBe(name);
});

test.each([
  ['parqet', "did you mean 'parquet'?"],
  ['CSV', "did you mean 'csv'?"],
  ['md', "did you mean 'markdown'?"],
  ['ndjson', "did you mean 'jsonl'?"],
  ['feather', "did you mean 'arrow'?"],
  ['excel', 'the formats are table, json, jsonl, csv, markdown, parquet, arrow'],
  ['constructor', 'the formats are table, json, jsonl, csv, markdown, parquet, arrow'],
])('the unknown format %s is refused with a way out', (name, hint) => {
  expect(() => formatNamed(name)).toThrow(
    expect.objectContaining({ message: `unknown format '${name}'`, hint }),
  );
  expect(() => formatNamed(name)).toThrow(UsageError);
});

test.each([
  ['out.parquet', 'parquet'],
  ['out.arrow', 'arrow'],
  ['out.feather', 'arrow'],
  ['a.b/out.json', 'json'],
  ['out.jsonl', 'jsonl'],
  ['out.ndjson', 'jsonl'],
  ['OUT.CSV', 'csv'],
  ['out.2026.md', 'markdown'],
])('%s is %s', (path, format) => {
  expect(formatOfPath(path)).toBe(format);
});

test.each(['out', 'dir.csv/out', 'out.', 'out.xlsx', ''])('%j says no format', (path) => {
  expect(() => formatOfPath(path)).toThrow(UsageError);
});

test('a mistyped extension brings the nearest to mind', () => {
  expect(() => formatOfPath('out.parqet')).toThrow(
    expect.objectContaining({ hint: "did you mean '.parquet'?" }),
  );
});
