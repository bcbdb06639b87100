import { BIGINT, DOUBLE, VARCHAR } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvText } from '../../src/report/csv.ts';
import { onResult, resultOf, textOf } from './results.ts';

const csv = (sql: string) => onResult(sql, (result) => textOf(csvText(result)));

test('a header, then a record a row, each ended by CR LF', async () => {
  expect(await csv(`SELECT 'a' AS s, 1 AS n UNION ALL SELECT 'b', 2 ORDER BY n`)).toBe(
    's,n\r\na,1\r\nb,2\r\n',
  );
});

test('quotes, commas and line breaks are quoted, quotes doubled, in values and names', async () => {
  expect(await csv(`SELECT 'say "hi"' AS "a,b", 'x,y' AS "c""d", E'two\\nlines' AS e, E'cr\\r' AS f`)).toBe(
    '"a,b","c""d",e,f\r\n"say ""hi""","x,y","two\nlines","cr\r"\r\n',
  );
});

test('null and the empty string are empty fields', async () => {
  expect(await csv(`SELECT NULL::VARCHAR AS s, '' AS e, NULL::BIGINT AS n, NULL::JSON AS j, 1 AS last`)).toBe(
    's,e,n,j,last\r\n,,,,1\r\n',
  );
});

test('in a lone column an empty field is quoted, since readers skip empty lines', async () => {
  expect(await csv(`SELECT * FROM (VALUES (''), ('x'), (NULL)) t(s)`)).toBe('s\r\n""\r\nx\r\n""\r\n');
});

test('dynamic is JSON', async () => {
  expect(
    await csv(`SELECT ['b', NULL, 'c,d'] AS l, {'k': 1} AS o, '[1, 2]'::JSON AS j, '"x"'::JSON AS s`),
  ).toBe('l,o,j,s\r\n"[""b"",null,""c,d""]","{""k"":1}","[1,2]","""x"""\r\n');
});

test('numbers are exact, the special reals by name, times as in JSON', async () => {
  const sql = `SELECT 9223372036854775807 AS n, 'nan'::DOUBLE AS a, 'infinity'::DOUBLE AS b, '-infinity'::DOUBLE AS c,
    0.1::DOUBLE AS d, 12.50::DECIMAL(6, 2) AS e, true AS f, TIMESTAMP '2026-01-31 08:00:00.5' AS t,
    INTERVAL '26 hours 3 seconds' AS i`;
  expect(await csv(sql)).toBe(
    'n,a,b,c,d,e,f,t,i\r\n' +
      '9223372036854775807,NaN,Infinity,-Infinity,0.1,12.50,true,2026-01-31T08:00:00.5000000Z,1.02:00:03\r\n',
  );
});

test('a text that a spreadsheet would take for a formula is left as it is', async () => {
  expect(await csv(`SELECT '=1+1' AS a, '+1' AS b, '-1' AS c, '@x' AS d`)).toBe(
    'a,b,c,d\r\n=1+1,+1,-1,@x\r\n',
  );
});

test('an empty result is its header', async () => {
  expect(await csv('SELECT 1 AS a, 2 AS b WHERE false')).toBe('a,b\r\n');
});

test('on a terminal control characters are written out; elsewhere they are data', async () => {
  const result = () =>
    resultOf([{ name: 's', type: 'string', physical: VARCHAR, values: ['\u001b]0;owned\u0007'] }]);
  expect(await textOf(csvText(result(), { terminal: true }))).toBe('s\r\n\\x1b]0;owned\\x07\r\n');
  expect(await textOf(csvText(result()))).toBe('s\r\n\u001b]0;owned\u0007\r\n');
});

test('any values come back', async () => {
  const row = fc.record({
    s: fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[",\r\n a]*$/)),
    n: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    r: fc.option(fc.double()),
  });
  const name = fc.string({ unit: 'binary', minLength: 1 });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 8 }), name, fc.boolean(), async (rows, s, alone) => {
      const all = [
        { name: s, type: 'string' as const, physical: VARCHAR, values: rows.map((row) => row.s) },
        { name: 'n', type: 'long' as const, physical: BIGINT, values: rows.map((row) => row.n) },
        { name: 'r', type: 'real' as const, physical: DOUBLE, values: rows.map((row) => row.r) },
      ];
      const text = await textOf(csvText(resultOf(alone ? all.slice(0, 1) : all, 3)));
      const expected = [
        [s, 'n', 'r'],
        ...rows.map(({ s, n, r }) => [s, n === null ? '' : `${n}`, r === null ? '' : String(r)]),
      ];
      expect(parseCsv(text)).toEqual(alone ? expected.map((record) => record.slice(0, 1)) : expected);
    }),
    { numRuns: 100 },
  );
});

/** RFC 4180 read character by character; an empty line is no record. */
function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = '';
  let quoted = false;
  let wasQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') field += text[++at];
      else quoted = false;
    } else if (character === '"') {
      quoted = true;
      wasQuoted = true;
    } else if (character === ',') {
      record.push(field);
      field = '';
      wasQuoted = false;
    } else if (character === '\r' && text[at + 1] === '\n') {
      at++;
      if (record.length > 0 || field !== '' || wasQuoted) records.push([...record, field]);
      record = [];
      field = '';
      wasQuoted = false;
    } else field += character;
  }
  return records;
}
