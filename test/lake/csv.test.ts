import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openLake } from '../../src/index.ts';
import { csvFields, csvRecords } from '../../src/lake/csv/csv-records.ts';
import { query, temporaryFolder, writeFile } from './parquet-files.ts';

const NAMES = [
  'Timestamp',
  'DeviceName',
  'ActionType',
  'RemoteIP',
  'RemotePort',
  'RemoteIPType',
  'InitiatingProcessId',
];
const HEADER = NAMES.join(',');
const ROW = '2026-01-05T00:00:00Z,ws-1,ConnectionSuccess,203.0.113.1,4444,Public,4';

/** What a lake of one CSV file says of it: the rows' devices, ports and PIDs, or the problem. */
async function read(text: string | Buffer, name = 'a.csv'): Promise<unknown> {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  await using lake = await openLake({ DeviceNetworkEvents: path });
  const sql = 'SELECT DeviceName, RemotePort, InitiatingProcessId FROM DeviceNetworkEvents';
  try {
    return (await (await lake.sql(sql)).rows()).map((row) => Object.values(row));
  } catch (error) {
    return (error as Error).message.replace(`cannot read ${path}: `, '');
  }
}

describe('a CSV file is read as RFC 4180 has it', () => {
  test.each<[string, string | Buffer, unknown[]]>([
    ['lines end in \\r\\n', `${HEADER}\r\n${ROW}\r\n`, [['ws-1', 4444, 4]]],
    ['the last line has no end', `${HEADER}\n${ROW}`, [['ws-1', 4444, 4]]],
    ['blank lines are none', `${HEADER}\n\n${ROW}\n\n`, [['ws-1', 4444, 4]]],
    ['a byte-order mark is none', `\ufeff${HEADER}\n${ROW}\n`, [['ws-1', 4444, 4]]],
    ['a blank line above the header is none', `\n${HEADER}\n${ROW}\n`, [['ws-1', 4444, 4]]],
    [
      'nor are several, behind a byte-order mark',
      `\ufeff\r\n\r\n${HEADER}\r\n${ROW}\r\n`,
      [['ws-1', 4444, 4]],
    ],
    ['a header alone has no rows', `${HEADER}\n`, []],
    [
      'quotes hold commas, quotes and lines',
      `${HEADER}\n${ROW.replace('ws-1', '"w,""s""\n1"')}\n`,
      [['w,"s"\n1', 4444, 4]],
    ],
    [
      'a quote inside a field is itself',
      `${HEADER}\n${ROW.replace('ws-1', 'w"s"1')}\n`,
      [['w"s"1', 4444, 4]],
    ],
    [
      'semicolons separate, as spreadsheets in Europe write',
      `${HEADER}\n${ROW}\n`.replaceAll(',', ';'),
      [['ws-1', 4444, 4]],
    ],
    ['tabs separate', `${HEADER}\n${ROW}\n`.replaceAll(',', '\t'), [['ws-1', 4444, 4]]],
    [
      'header names are quoted, or in another casing',
      `${NAMES.map((name) => `"${name.toLowerCase()}"`).join(',')}\n${ROW}\n`,
      [['ws-1', 4444, 4]],
    ],
    [
      'an empty number is null, an empty text is empty',
      `${HEADER}\n${ROW.replace('ws-1', '').replace('4444', '').replace(/4$/, '""')}\n`,
      [['', null, null]],
    ],
    ['the words NULL and NaN are text', `${HEADER}\n${ROW.replace('ws-1', 'NULL')}\n`, [['NULL', 4444, 4]]],
    [
      'whole numbers may have a point, as pandas writes',
      `${HEADER}\n${ROW.replace('4444', '4444.0').replace(/4$/, '4.0')}\n`,
      [['ws-1', 4444, 4]],
    ],
    ['gzip', gzipSync(`${HEADER}\n${ROW}\n`), [['ws-1', 4444, 4]]],
  ])('%s', async (what, text, rows) => {
    expect(await read(text, what === 'gzip' ? 'a.csv.gz' : 'a.csv')).toEqual(rows);
  });
});

describe('a row that does not fit is an error that names its line, never a row less', () => {
  test.each<[string, string | Buffer, string]>([
    ['too many fields', `${HEADER}\n${ROW}\n${ROW},5\n`, 'line 3: 8 fields where the header has 7'],
    [
      'too many fields, behind a field of three lines',
      `${HEADER}\n${ROW.replace('ws-1', '"w\ns\n1"')}\n${ROW},5\n`,
      'line 5: 8 fields where the header has 7',
    ],
    ['too few fields', `${HEADER}\n${ROW}\nws-1\n`, 'line 3: 1 field where the header has 7'],
    [
      'a quote that is not closed',
      `${HEADER}\n${ROW.replace('ws', '"ws')}\n${ROW}\n`,
      'line 2: a quote is opened and never closed',
    ],
    [
      'text behind a closing quote',
      `${HEADER}\n${ROW.replace('ws-1', '"ws"1')}\n`,
      'line 2: text follows a closing quote',
    ],
    [
      'bytes that are no UTF-8',
      Buffer.from(`${HEADER}\n${ROW.replace('ws', 'w\xff')}\n`, 'latin1'),
      'line 2: not text in UTF-8',
    ],
    ['UTF-16', Buffer.from(`\ufeff${HEADER}\n`, 'utf16le'), 'the file is UTF-16, text is read as UTF-8'],
    ['bytes that are no text', Buffer.from([0x50, 0x41, 0x52, 0x31, 0, 21, 4, 10]), 'it is not text'],
    ['a column named twice', `a,b,A\n1,2,3\n`, 'its header names the column A twice'],
    [
      'a port that is none',
      `${HEADER}\n${ROW}\n${ROW.replace('4444', 'http')}\n`,
      "line 3: column RemotePort holds 'http', which is not a whole number of at most 32 bits",
    ],
    [
      'half a port',
      `${HEADER}\n${ROW.replace('4444', '4444.5')}\n`,
      "line 2: column RemotePort holds '4444.5', which is not a whole number of at most 32 bits",
    ],
    [
      'a port beyond 32 bits',
      `${HEADER}\n${ROW.replace('4444', '4294967296')}\n`,
      "line 2: column RemotePort holds '4294967296', which is not a whole number of at most 32 bits",
    ],
    [
      'a time that is none',
      `${HEADER}\n${ROW.replace(/^[^,]+/, '05/01/2026')}\n`,
      "line 2: column Timestamp holds '05/01/2026', which is not a time such as 2026-01-31T08:00:00Z",
    ],
  ])('%s', async (_, text, problem) => {
    const said = (await read(text)) as string;
    if (_ === 'a time that is none') {
      // The time is not asked for above.
      const path = join(temporaryFolder(), 'a.csv');
      writeFileSync(path, text);
      await using lake = await openLake({ DeviceNetworkEvents: path });
      await expect(lake.sql('SELECT max(Timestamp) FROM DeviceNetworkEvents')).rejects.toThrow(
        `cannot read ${path}: ${problem}`,
      );
    } else {
      expect(said).toBe(problem);
    }
  });

  test('in a file with zstd, the line is the one that the engine counts', async () => {
    const path = join(temporaryFolder(), 'a.csv.zst');
    await writeFile(
      path,
      `SELECT unnest(['${HEADER}', '${ROW}', 'x,y'])`,
      "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIM '\x01', COMPRESSION zstd",
    );
    await using lake = await openLake({ DeviceNetworkEvents: path });
    await expect(lake.sql('FROM DeviceNetworkEvents')).rejects.toThrow(
      `cannot read ${path}: near line 3: 2 fields where the header has 7`,
    );
  });
});

describe('records, as they are read to find a line', () => {
  const field = fc.stringMatching(/^[a-z,"\n\r;é ]{0,6}$/);
  const table = fc
    .integer({ min: 2, max: 4 })
    .chain((width) =>
      fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
    );
  const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
  const written = (records: string[][]) => records.map((record) => record.map(quoted).join(',')).join('\n');

  test('whatever a field holds, one record gives its fields back', () => {
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 5 }), (record) => {
        expect(csvFields(record.map(quoted).join(','), ',')).toEqual(record);
      }),
    );
  });

  test('records begin on the lines where they were written', async () => {
    const path = join(temporaryFolder(), 'a.csv');
    const file = { path, key: 'a.csv', format: 'csv', compression: 'none' } as const;
    await fc.assert(
      fc.asyncProperty(table, async (records) => {
        writeFileSync(path, written(records));
        const lines: number[] = [];
        let line = 1;
        for (const record of records) {
          lines.push(line);
          line += record.join('').split('\n').length;
        }
        const found = [];
        for await (const record of csvRecords(file, ',')) found.push(record);
        expect(found).toEqual(records.map((fields, index) => ({ line: lines[index], fields })));
      }),
      { numRuns: 60 },
    );
  });

  test('and are the records that the engine reads', async () => {
    const path = join(temporaryFolder(), 'a.csv');
    await fc.assert(
      fc.asyncProperty(table, async (records) => {
        // A lone carriage return within quotes is the engine's to read, or not, as a line end.
        fc.pre(!records.flat().some((each) => each.includes('\r')));
        writeFileSync(path, written([records[0]!.map((_, index) => `c${index}`), ...records]));
        await using lake = await openLake({ T: path });
        const rows = await (await lake.sql('FROM T')).rows();
        expect(rows.map((row) => Object.values(row))).toEqual(records);
      }),
      { numRuns: 10 },
    );
  });
});

test('blank lines above the header that end otherwise than it does are refused: the engine would skip rows', async () => {
  expect(await read(`\n\r\n${HEADER}\n${ROW}\n`)).toMatch(
    /^the blank lines above its header end otherwise than the header does/,
  );
});

test('files with different headers are read together, by name', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.csv'), 'id,name\n1,x\n');
  writeFileSync(join(folder, 'b.csv'), 'name;more;id\ny;z;2\n');
  await using lake = await openLake({ T: join(folder, '*.csv') });
  expect(await (await lake.sql('SELECT id, name, more FROM T ORDER BY id')).rows()).toEqual([
    { id: '1', name: 'x', more: '' },
    { id: '2', name: 'y', more: 'z' },
  ]);
});

test('the engine itself, left to guess, drops rows: the reason for not letting it', async () => {
  const path = join(temporaryFolder(), 'a.csv');
  writeFileSync(path, `${HEADER}\n${ROW}\n${ROW},7,8\n`);
  const guessed = await query(
    `SELECT count(*)::INTEGER AS n FROM read_csv('${path}', header = true, all_varchar = true)`,
  );
  expect(guessed).toEqual([{ n: 0 }]);
});
