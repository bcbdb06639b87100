import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lakeFile } from '../../../src/lake/formats.ts';
import { firstBadJson } from '../../../src/lake/json/json.ts';
import { firstBadRecord } from '../../../src/lake/json/json-errors.ts';
import { contractOf } from '../../../src/lake/tables/contract.ts';
import { jsonLake, lines, networkRow } from './json-lake.ts';

const COLUMNS = [
  { name: 's', type: 'VARCHAR' },
  { name: 'n', type: 'BIGINT' },
  { name: 'd', type: 'DOUBLE' },
  { name: 'b', type: 'BOOLEAN' },
  { name: 'j', type: 'JSON' },
];

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

/** The first bad record of a file with this content. */
async function bad(content: string | Uint8Array, name = 'x.jsonl', columns = COLUMNS) {
  const path = join(await jsonLake({ [name]: content }), name);
  return firstBadRecord(connection, lakeFile(path, name)!, columns);
}

describe('the first bad record', () => {
  test('is named by its line, blank lines counted', async () => {
    expect(await bad('{"n":1}\n\n{"n":2}\n{"n":3,}\n{"n":}\n{"n":4}\n')).toEqual({
      line: 5,
      problem: 'malformed JSON at byte 6: unexpected character',
    });
  });

  test('has a value that its column cannot hold', async () => {
    expect(await bad('{"n":1}\n{"n":"one"}\n')).toEqual({
      line: 2,
      problem: 'n is "one", which cannot be read as BIGINT',
    });
    expect(await bad('{"b":true}\n{"b":{}}\n')).toEqual({
      line: 2,
      problem: 'b is {}, which cannot be read as BOOLEAN',
    });
    expect(await bad('{"n":99999999999999999999}\n')).toMatchObject({ line: 1 });
    expect(await bad('{"n":443.0}\n{"n":"443"}\n{"n":443.6}\n')).toEqual({
      line: 3,
      problem: 'n is 443.6, which cannot be read as BIGINT',
    });
  });

  test('is not an object', async () => {
    expect(await bad('{"n":1}\n[1]\n')).toEqual({ line: 2, problem: 'an object is expected, not [1]' });
  });

  test('is cut off at the end of the file', async () => {
    expect(await bad('{"n":1}\n{"n":2}\n{"s":"x')).toMatchObject({
      line: 3,
      problem: expect.stringMatching(/^malformed JSON/),
    });
  });

  test('is not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('{"s":"x"}\n{"s":"'), Buffer.from([0xff]), Buffer.from('"}\n')]);
    expect(await bad(bytes)).toEqual({ line: 2, problem: 'not text in UTF-8' });
  });

  test('has one of its columns twice', async () => {
    expect(await bad('{"n":1}\n{"n":1,"n":2}\n')).toEqual({ line: 2, problem: 'it has n 2 times' });
    expect(await bad('{"n":1,"other":1,"other":2}\n')).toBeUndefined();
  });

  test('is found under gzip and zstd, and behind Windows line ends', async () => {
    const text = '{"n":1}\n\n{"n":"x"}\n';
    expect(await bad(text, 'x.jsonl.gz')).toMatchObject({ line: 3 });
    expect(await bad(text, 'x.jsonl.zst')).toMatchObject({ line: 3 });
    expect(await bad(text.replaceAll('\n', '\r\n'))).toMatchObject({ line: 3 });
  });

  test('is found in an array and in documents written over several lines', async () => {
    expect(await bad('[\n{"n":1},\n{"n":\n"x"}\n]\n', 'x.json')).toMatchObject({ line: 3 });
    expect(await bad('{\n"n": 1\n}\n{\n"n": "x"\n}\n', 'x.json')).toMatchObject({ line: 4 });
  });

  test('is found in a records object', async () => {
    const event = (n: string) => `{"category":"AdvancedHunting-T","properties":{"n":${n}}}`;
    const path = join(
      await jsonLake({ 'x.json': `{"records":[\n${event('1')},\n${event('"x"')}\n]}` }),
      'x.json',
    );
    const part = { member: 'properties', table: 'T' };
    expect(await firstBadRecord(connection, lakeFile(path, 'x.json')!, COLUMNS, part)).toEqual({
      line: 3,
      problem: 'n is "x", which cannot be read as BIGINT',
    });
    expect(
      await firstBadRecord(connection, lakeFile(path, 'x.json')!, COLUMNS, { ...part, table: 'U' }),
    ).toBe(undefined);
  });

  test('has text where a time should be', async () => {
    const columns = [{ name: 't', type: 'TIMESTAMPTZ' }];
    const good =
      '{"t":"2026-01-05T00:00:00+02:00"}\n{"t":""}\n{"t":null}\n{}\n{"t":"2026-02-28 23:59:59.1234567"}\n';
    expect(await bad(good, 'x.jsonl', columns)).toBeUndefined();
    expect(await bad(`${good}{"t":"2026-02-30T00:00:00Z"}\n`, 'x.jsonl', columns)).toEqual({
      line: 6,
      problem: 't is "2026-02-30T00:00:00Z", which cannot be read as TIMESTAMPTZ',
    });
  });
});

describe('what keeps a file from feeding a table', () => {
  const first = async (text: string) => {
    const path = join(await jsonLake({ 'x.jsonl': text }), 'x.jsonl');
    return firstBadJson(connection, contractOf('DeviceNetworkEvents'), lakeFile(path, 'x.jsonl')!);
  };

  test('nothing, where all fits', async () => {
    expect(await first(lines(networkRow(), networkRow({ RemotePort: null })))).toBeUndefined();
  });

  test('a value that its column cannot hold, whatever the casing of the key', async () => {
    expect(await first(lines(networkRow(), networkRow({ Timestamp: 'yesterday' })))).toEqual({
      line: 2,
      problem: 'Timestamp is "yesterday", which cannot be read as TIMESTAMPTZ',
    });
    const lower = Object.fromEntries(
      Object.entries(networkRow()).map(([key, value]) => [key.toLowerCase(), value]),
    );
    expect(await first(lines(lower, { ...lower, remoteport: 3_000_000_000 }))).toEqual({
      line: 2,
      problem: 'remoteport is 3000000000, which cannot be read as INTEGER',
    });
  });

  test('a value of the table’s own events in the streaming API', async () => {
    const event = (table: string, RemotePort: unknown) => ({
      category: `AdvancedHunting-${table}`,
      properties: networkRow({ RemotePort }),
    });
    expect(
      await first(
        lines(event('DeviceNetworkEvents', 1), event('Other', 'x'), event('DeviceNetworkEvents', 'x')),
      ),
    ).toEqual({
      line: 3,
      problem: 'RemotePort is "x", which cannot be read as INTEGER',
    });
  });

  test('the time of a Sysmon event', async () => {
    const event = (UtcTime: string) => ({ EventID: 3, ProcessGuid: '{a}', UtcTime });
    expect(await first(lines(event('2026-01-05 00:00:00.123'), event('5 January')))).toMatchObject({
      line: 2,
    });
  });
});

/** Whether a text is that of a whole number of 64 bits, by arithmetic on its digits; no text is none that is wrong. */
function isWhole(text: string): boolean {
  if (text === '') return true;
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^\s*(-?)(\d*)\.?(\d*)(?:e([+-]?\d+))?\s*$/i.exec(text) ?? [];
  if (sign === undefined || whole + fraction === '' || Math.abs(Number(exponent)) > 400) return false;
  const shift = Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  const scale = 10n ** BigInt(Math.abs(shift));
  if (shift < 0 && digits % scale !== 0n) return false;
  const value = (shift < 0 ? digits / scale : digits * scale) * (sign === '-' ? -1n : 1n);
  return value >= -(2n ** 63n) && value < 2n ** 63n;
}

describe('a file has a bad record exactly where DuckDB refuses to read it, or a number that should be whole is not', () => {
  const scalar = fc.oneof(
    fc.constantFrom(
      'null',
      'true',
      'false',
      'NaN',
      'Infinity',
      '-Infinity',
      'nan',
      '1e3',
      '1.5',
      '-0',
      '01',
      '.5',
      '1e999',
    ),
    fc.constantFrom(
      '"12"',
      '" 12 "',
      '"1.5"',
      '""',
      '"abc"',
      '"0x1F"',
      '"1e3"',
      '"true"',
      '"NO"',
      '"t"',
      '"1"',
      '"NaN"',
    ),
    fc.constantFrom(
      '"\\ud800"',
      '"\\ud83d\\ude00"',
      '"\\u0000"',
      '"a\tb"',
      '"\\x"',
      '"é"',
      "'x'",
      'nul',
      '"\\"',
    ),
    fc.integer().map(String),
    fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
    fc.double().map((value) => JSON.stringify(value)),
    fc.string().map((value) => JSON.stringify(value)),
  );
  const value = fc.oneof(
    { weight: 5, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(scalar, { maxLength: 2 }).map((items) => `[${items.join(',')}]`) },
    { weight: 1, arbitrary: scalar.map((item) => `{"s":${item}}`) },
  );
  const key = fc.constantFrom('s', 'n', 'd', 'b', 'j', 'other', '\\u006e', 'N');
  const member = fc.tuple(key, value).map(([name, item]) => `"${name}":${item}`);
  const object = fc
    .tuple(
      fc.array(member, { maxLength: 3 }),
      fc.constantFrom('}', '}', '}', '}', ',}', '}}', '', '} {"n":1}', '}, '),
    )
    .map(([list, end]) => `{${list.join(', ')}${end}`);
  const line = fc.oneof(
    { weight: 8, arbitrary: object },
    { weight: 1, arbitrary: value },
    {
      weight: 1,
      arbitrary: fc.constantFrom('', '  ', '\t', '\f', '\r', '// c', '\u00a0{}', '{}\f', '\v{}', '{} \r'),
    },
  );

  test('line by line', async () => {
    const path = join(await jsonLake({ 'x.jsonl': '' }), 'x.jsonl');
    const struct = COLUMNS.map(({ name, type }) => `${name}: '${name === 'n' ? 'VARCHAR' : type}'`).join(
      ', ',
    );
    const read = `SELECT * FROM read_json('${path}', columns = {${struct}}, format = 'newline_delimited', records = true, auto_detect = false)`;
    let refused = 0;
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(line, async (text) => {
        writeFileSync(path, `{"n":1}\n${text}\n{"n":2}\n`);
        const refuses = await connection
          .runAndReadAll(read)
          .then((rows) => !rows.getRowObjects().every(({ n }) => isWhole(String(n ?? ''))))
          .catch(() => true);
        const found = await firstBadRecord(connection, lakeFile(path, 'x.jsonl')!, COLUMNS);
        expect({ text, bad: found !== undefined }).toEqual({ text, bad: refuses });
        if (found !== undefined) expect(found.line).toBe(2);
        if (found === undefined) taken += 1;
        else refused += 1;
      }),
      { numRuns: 400 },
    );
    expect(Math.min(refused, taken)).toBeGreaterThan(80);
  });
});
