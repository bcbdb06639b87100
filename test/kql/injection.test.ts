import type { DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { openEngine, runTranslation, translate } from './engine.ts';

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openEngine();
});

/** A KQL string literal of any text. */
const quoted = (text: string): string =>
  `"${[...text].map((c) => (/[A-Za-z0-9 ]/.test(c) ? c : [...Array(c.length).keys()].map((i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''))).join('')}"`;

const nasty = fc.oneof(
  fc.constantFrom(
    "'; DROP TABLE t; --",
    '")--',
    "\\'",
    'a\nb',
    "E'x'",
    '$1',
    '{from}',
    "' || chr(0) || '",
    '*/ /*',
  ),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
);

test('any text comes back as it was given', async () => {
  await fc.assert(
    fc.asyncProperty(nasty, async (text) => {
      const translation = translate(
        `print x = ${quoted(text)} | extend y = strcat(x, "") | where x == ${quoted(text)}`,
      );
      expect(translation.diagnostics).toEqual([]);
      expect(await runTranslation(connection, translation)).toEqual([[text, text]]);
    }),
    { numRuns: 60 },
  );
});

test('any name stays a name', async () => {
  const names = ["a'; DROP TABLE t; --", 'a"; --', 'select', 'A b', '$1', 'x)--', 'a\nb', 'it\'s\n"b"'];
  for (const name of names) {
    const translation = translate(`datatable([${quoted(name)}]:long)[1] | where [${quoted(name)}] == 1`);
    expect(translation.diagnostics).toEqual([]);
    expect(translation.columns.map((column) => column.name)).toEqual([name]);
    expect(await runTranslation(connection, translation)).toEqual([[1]]);
  }
});

test('a needle is no pattern', async () => {
  const translation = translate(
    `datatable(s:string)["a.*b", "axxb", "a%b", "a_b"] | where s contains ".*" or s contains "%"`,
  );
  expect(await runTranslation(connection, translation)).toEqual([['a.*b'], ['a%b']]);
});
