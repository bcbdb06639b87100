import { VARCHAR } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { markdownText } from '../../src/report/markdown.ts';
import { onResult, resultOf, textOf } from './results.ts';

const markdown = (sql: string) => onResult(sql, (result) => textOf(markdownText(result)));
const cell = async (value: string) => {
  const text = await textOf(
    markdownText(resultOf([{ name: 's', type: 'string', physical: VARCHAR, values: [value] }])),
  );
  return text.split('\n')[2];
};

test('a header, a rule with numbers to the right, and a line a row', async () => {
  expect(await markdown(`SELECT 'ws-1' AS DeviceName, 247 AS ConnectionCount, true AS BeaconLikely`)).toBe(
    '| DeviceName | ConnectionCount | BeaconLikely |\n| --- | ---: | --- |\n| ws-1 | 247 | true |\n',
  );
});

test('an empty result is its header', async () => {
  expect(await markdown('SELECT 1 AS a WHERE false')).toBe('| a |\n| ---: |\n');
});

test('a null is said, an empty string is empty', async () => {
  expect(await markdown(`SELECT NULL::BIGINT AS n, '' AS e`)).toBe(
    '| n | e |\n| ---: | --- |\n| null |  |\n',
  );
});

test.each([
  ['a pipe does not end the cell', 'a|b', 'a\\|b'],
  ['nor one after a backslash', 'a\\|b', 'a\\\\\\|b'],
  ['a line break is written out', 'two\nlines\r\n', 'two\\nlines\\r\\n'],
  ['an ANSI escape is written out', '\u001b[31mred', '\\x1b\\[31mred'],
  ['a direction override is written out', '\u202egpj.exe', '\\u202egpj.exe'],
  ['an image cannot call home', '![x](http://198.51.100.1/a.png)', '!\\[x](http://198.51.100.1/a.png)'],
  ['HTML is no HTML', '<script>alert(1)</script>', '\\<script>alert(1)\\</script>'],
  ['an entity stays as written', '&lt;b&gt; & co', '\\&lt;b\\&gt; & co'],
  [
    'code, emphasis, strike and formulas stay as written',
    '`a` *b* ~c~ $d$',
    '\\`a\\` \\*b\\* \\~c\\~ \\$d\\$',
  ],
  ['an underscore within a word needs nothing', 'winx64_payload.exe', 'winx64_payload.exe'],
  ['one at its edge does', '_x_', '\\_x\\_'],
  ['a path stays readable', 'C:\\Windows\\System32\\cmd.exe', 'C:\\Windows\\System32\\cmd.exe'],
  ['a backslash that would escape is escaped', 'C:\\.ssh\\', 'C:\\\\.ssh\\\\'],
])('%s', async (_, value, expected) => {
  expect(await cell(value)).toBe(`| ${expected} |`);
});

test('a column name is escaped as values are', async () => {
  expect(await markdown(`SELECT 'x' AS "a|b"`)).toBe('| a\\|b |\n| --- |\n| x |\n');
});
