import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LakeError, type LakeOptions, openLake } from '../../src/index.ts';
import { imageLoad, networkEvent, query, temporaryFolder, writeFile } from './parquet-files.ts';

const SKIP = '; mend or remove the file, or go on without it: --skip-unreadable';

/** A lake with one finding of one pair, and a place for bad files beside the good ones. */
async function goodLake(): Promise<{ folder: string; beside: (name: string) => string }> {
  const folder = temporaryFolder();
  await writeFile(join(folder, 'DeviceImageLoadEvents', 'good.parquet'), imageLoad());
  await writeFile(join(folder, 'DeviceNetworkEvents', 'good.parquet'), networkEvent());
  return { folder, beside: (name) => join(folder, 'DeviceNetworkEvents', name) };
}

interface Answer {
  readonly pairs: number;
  readonly warnings: string[];
}

async function hunt(folder: string, options: LakeOptions = {}): Promise<Answer> {
  const warnings: string[] = [];
  await using lake = await openLake(folder, { ...options, onWarning: (message) => warnings.push(message) });
  const [finding] = await (await lake.hunt()).rows();
  return { pairs: Number(finding?.ConnectionCount ?? 0), warnings };
}

async function allRows(folder: string): Promise<unknown[]> {
  await using lake = await openLake(folder);
  return await (await lake.sql('FROM DeviceNetworkEvents')).rows();
}

async function failure(work: Promise<unknown>): Promise<LakeError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LakeError);
  return error as LakeError;
}

/** Spoils the pages of all columns of a Parquet file that has many rows; its footer stays good. */
async function spoilPages(path: string): Promise<void> {
  const [{ end }] = (await query(
    `SELECT max(data_page_offset + total_compressed_size) AS "end" FROM parquet_metadata('${path}')`,
  )) as [{ end: string }];
  const bytes = readFileSync(path);
  bytes.fill(0xff, 4, Number(end));
  writeFileSync(path, bytes);
}

const BAD: [string, string, (path: string) => Promise<void> | void, string][] = [
  ['an empty Parquet file', 'bad.parquet', (path) => writeFileSync(path, ''), 'it is empty (0 bytes)'],
  ['an empty Arrow file', 'bad.arrow', (path) => writeFileSync(path, ''), 'it is empty'],
  [
    'a text that is called Parquet',
    'bad.parquet',
    (path) => writeFileSync(path, 'hello'),
    'it is too short for a Parquet file',
  ],
  [
    'a Parquet file that was cut short',
    'bad.parquet',
    async (path) => {
      await writeFile(path, networkEvent());
      writeFileSync(path, readFileSync(path).subarray(0, -20));
    },
    'it does not end as a Parquet file does: it is cut short, or no Parquet file',
  ],
  [
    'a Parquet file whose pages are spoilt',
    'bad.parquet',
    async (path) => {
      await writeFile(path, `${networkEvent({ RemotePort: '4444 + n' })} FROM range(5000) AS rows(n)`);
      await spoilPages(path);
    },
    'it is damaged (',
  ],
  [
    'a CSV file that is none',
    'bad.csv',
    (path) => writeFileSync(path, Buffer.from([0, 1, 2, 3, 10])),
    'it is not text',
  ],
  ['a gzip file that is none', 'bad.csv.gz', (path) => writeFileSync(path, 'hello'), 'not a whole gzip file'],
  [
    'JSON that is cut short',
    'bad.jsonl',
    (path) => writeFileSync(path, '{"Timestamp": "2026-01-05T00:00:00Z", '),
    'line 1: malformed JSON',
  ],
  [
    'an Arrow file that is none',
    'bad.arrow',
    (path) => writeFileSync(path, 'hello, world'),
    'it is not Arrow IPC',
  ],
  [
    'a file in another schema altogether',
    'bad.csv',
    (path) => writeFileSync(path, 'ts,uid,id.orig_h\n1,2,3\n'),
    'columns Timestamp, DeviceName, ActionType, RemoteIP, RemotePort, RemoteIPType, InitiatingProcessId of DeviceNetworkEvents are missing',
  ],
  [
    'a file without a column that must be there',
    'bad.parquet',
    (path) => writeFile(path, networkEvent({ RemotePort: '' })),
    'column RemotePort of DeviceNetworkEvents is missing',
  ],
  [
    'a file with a column of a wrong type',
    'bad.parquet',
    (path) => writeFile(path, networkEvent({ RemotePort: "'4444'" })),
    'column RemotePort is VARCHAR, which cannot be read as int',
  ],
  [
    'a file with a number that does not fit',
    'bad.parquet',
    (path) => writeFile(path, networkEvent({ RemotePort: '99999999999' })),
    "column RemotePort holds '99999999999', which is not a whole number of at most 32 bits",
  ],
  [
    'a file with a broken PID',
    'bad.parquet',
    (path) => writeFile(path, networkEvent({ InitiatingProcessId: '4.5::DOUBLE' })),
    "column InitiatingProcessId holds '4.5', which is not a whole number of at most 64 bits",
  ],
  [
    'a file with a time that is none',
    'bad.parquet',
    (path) => writeFile(path, networkEvent({ Timestamp: "'noon'" })),
    "column Timestamp holds 'noon', which is not a time such as 2026-01-31T08:00:00Z",
  ],
  [
    'a file with bytes that are no text',
    'bad.parquet',
    (path) => writeFile(path, networkEvent({ RemoteIP: "'\\xFF'::BLOB" })),
    "column RemoteIP holds '\\xFF', which is not text in UTF-8",
  ],
];

describe('one file among good ones cannot be read', () => {
  test.each(BAD)(
    '%s: it is named; with skipUnreadable the run goes on without it, and says so',
    async (_, name, make, problem) => {
      const { folder, beside } = await goodLake();
      await make(beside(name));
      const error = await failure(allRows(folder));
      expect(error.message).toContain(`cannot read ${beside(name)}: ${problem}`);
      expect(error.message).not.toMatch(/SELECT|LINE \d|read_parquet|read_csv/);
      expect(error.file).toBe(beside(name));
      expect(`; ${error.hint}`).toContain(SKIP);

      const { pairs, warnings } = await hunt(folder, { skipUnreadable: true });
      expect(pairs).toBe(1);
      expect(warnings[0]).toContain(`left out ${beside(name)}: ${problem}`);
      expect(warnings.slice(1)).toEqual(['1 of 3 files left out: none of their rows count']);
    },
  );
});

describe('with skipUnreadable', () => {
  test('none of the rows of a file count, even those before the place where it is bad', async () => {
    const { folder, beside } = await goodLake();
    const header = 'Timestamp,DeviceName,ActionType,RemoteIP,RemotePort,RemoteIPType,InitiatingProcessId';
    const row = '2026-01-05T00:00:00Z,ws-1,ConnectionSuccess,203.0.113.1,4444,Public,4';
    writeFileSync(beside('half.csv'), `${header}\n${`${row}\n`.repeat(5000)}cut,of`);
    expect((await hunt(folder, { skipUnreadable: true })).pairs).toBe(1);
    writeFileSync(beside('half.csv'), `${header}\n${`${row}\n`.repeat(5000)}`);
    expect((await hunt(folder, { skipUnreadable: true })).pairs).toBe(5001);
  });

  test('all bad files are found, named in the order of their paths, and counted', async () => {
    const { folder, beside } = await goodLake();
    for (const name of ['b.parquet', 'a.parquet', 'c.arrow']) writeFileSync(beside(name), 'hello');
    const { pairs, warnings } = await hunt(folder, { skipUnreadable: true });
    expect(pairs).toBe(1);
    const named = warnings.map((warning) => /left out \S+\/(\S+):/.exec(warning)?.[1]);
    expect(named.filter((name) => name !== undefined).sort()).toEqual(['a.parquet', 'b.parquet', 'c.arrow']);
    expect(warnings.at(-1)).toBe('3 of 5 files left out: none of their rows count');
  });

  test('a table of which nothing is left is an error, not an empty answer', async () => {
    const { folder, beside } = await goodLake();
    writeFileSync(beside('good.parquet'), 'hello');
    const error = await failure(hunt(folder, { skipUnreadable: true }));
    expect(error.message).toBe('no file of DeviceNetworkEvents can be read: its only one was left out');
  });

  test('`inspect` still says what is in the other tables', async () => {
    const { folder, beside } = await goodLake();
    writeFileSync(beside('good.parquet'), 'hello');
    await using lake = await openLake(folder, { skipUnreadable: true });
    expect((await lake.inspect()).map(({ table, rows }) => [table, rows])).toEqual([
      ['DeviceImageLoadEvents', 1],
    ]);
  });

  test('a file that feeds two tables is left out of both', async () => {
    const folder = temporaryFolder();
    const sysmon = (record: object) =>
      `${JSON.stringify({ UtcTime: '2026-01-05 00:00:00.000', ProcessGuid: '{1}', Hostname: 'ws-1', ProcessId: '4', Image: 'C:\\implant.exe', ...record })}\n`;
    const load = sysmon({ EventID: 7, ImageLoaded: 'C:\\bcrypt.dll' });
    const connection = sysmon({
      EventID: 3,
      Initiated: 'true',
      DestinationIp: '203.0.113.1',
      DestinationPort: '4444',
      SourceIp: '10.0.0.1',
      SourcePort: '50000',
    });
    writeFileSync(join(folder, 'a.jsonl'), load + connection);
    writeFileSync(join(folder, 'b.jsonl'), `${load}${connection}{"EventID": 3, `);
    await expect(hunt(folder)).rejects.toThrow(`cannot read ${folder}/b.jsonl: line 3: malformed JSON`);
    const { pairs, warnings } = await hunt(folder, { skipUnreadable: true });
    expect({ pairs, told: warnings.length }).toEqual({ pairs: 1, told: 2 });
  });
});

test('a file that vanishes between opening the lake and reading it is named', async () => {
  const { folder, beside } = await goodLake();
  const text = ['gone.csv', 'gone.csv.gz', 'gone.csv.zst', 'gone.jsonl', 'gone.jsonl.gz', 'gone.jsonl.zst'];
  for (const name of ['gone.parquet', ...text]) {
    const good = beside('good.parquet');
    if (name.endsWith('.parquet')) copyFileSync(good, beside(name));
    else
      await writeFile(beside(name), `FROM '${good}'`, name.includes('.csv') ? 'FORMAT csv' : 'FORMAT json');
    await using lake = await openLake(folder);
    rmSync(beside(name));
    const error = await failure(lake.hunt());
    expect(error.message).toBe(`cannot read ${beside(name)}: it is gone`);
  }
});

test('text of 0 bytes, as exporters write for a day without events, has no rows, which is told', async () => {
  const { folder, beside } = await goodLake();
  const names = ['a.csv', 'b.csv.gz', 'c.json', 'd.jsonl.gz', 'e.jsonl.zst'];
  for (const name of names) writeFileSync(beside(name), '');
  const { pairs, warnings } = await hunt(folder);
  expect(pairs).toBe(1);
  expect(warnings).toEqual(names.map((name) => `${beside(name)} is empty (0 bytes): it has no rows`));
});

test('an optional column of a wrong type stops only those who ask for it', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'DeviceNetworkEvents', 'a.parquet');
  await writeFile(file, networkEvent({ LocalPort: "'http'" }));
  await using lake = await openLake(folder);
  expect((await lake.sql('SELECT RemotePort FROM DeviceNetworkEvents')).rowCount).toBe(1);
  const error = await failure(lake.sql('SELECT LocalPort FROM DeviceNetworkEvents'));
  expect(error.message).toBe(`cannot read ${file}: column LocalPort is VARCHAR, which cannot be read as int`);
});

test("a user's own cast that fails is not blamed on a file", async () => {
  const { folder } = await goodLake();
  await using lake = await openLake(folder, { skipUnreadable: true });
  await expect(lake.sql('SELECT RemoteIP::INTEGER FROM DeviceNetworkEvents')).rejects.toThrow(
    /^Conversion Error: Could not convert string '203\.0\.113\.1' to INT32/,
  );
  await expect(lake.sql("SELECT error('column x is a thing')")).rejects.toThrow('column x is a thing');
});

test('what a query does not read is not checked: a count comes from the footers', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'DeviceNetworkEvents', 'a.parquet');
  await writeFile(file, `${networkEvent({ RemotePort: 'n' })} FROM range(5000) AS rows(n)`);
  await spoilPages(file);
  await using lake = await openLake(folder);
  expect(await (await lake.sql('SELECT count(*) AS n FROM DeviceNetworkEvents')).rows()).toEqual([
    { n: 5000 },
  ]);
  await failure(lake.sql('SELECT sum(RemotePort) FROM DeviceNetworkEvents'));
});

test('files of a table folder whose ending is not known are not passed over in silence', async () => {
  const { folder, beside } = await goodLake();
  writeFileSync(beside('more.json.bz2'), 'x');
  writeFileSync(beside('_SUCCESS'), '');
  writeFileSync(beside('.part.crc'), '');
  writeFileSync(join(folder, 'README.md'), 'x');
  const { pairs, warnings } = await hunt(folder);
  expect({ pairs, warnings }).toEqual({
    pairs: 1,
    warnings: ['not read, for its ending is not known: DeviceNetworkEvents/more.json.bz2'],
  });
});

test('files that speak of another table than their folder are not taken in silence', async () => {
  const { folder, beside } = await goodLake();
  const event = (table: string, row: object) =>
    JSON.stringify({ category: `AdvancedHunting-${table}`, properties: row });
  const actor = { Timestamp: '2026-01-05T00:00:00Z', DeviceName: 'ws-1', InitiatingProcessId: 4 };
  const load = { ...actor, FileName: 'bcrypt.dll', InitiatingProcessFileName: 'implant.exe' };
  const remote = { RemoteIP: '203.0.113.1', RemotePort: 4444, RemoteIPType: 'Public' };
  const connection = { ...actor, ...remote, ActionType: 'ConnectionSuccess' };
  const both = [event('DeviceNetworkEvents', connection), event('DeviceImageLoadEvents', load)];
  writeFileSync(beside('a.jsonl'), both.join('\n'));
  await writeFile(beside('DeviceImageLoadEvents.parquet'), networkEvent());
  writeFileSync(join(folder, 'all.jsonl'), both.join('\n'));
  expect((await hunt(folder)).warnings).toEqual([
    `${beside('DeviceImageLoadEvents.parquet')} is read as DeviceNetworkEvents, by its folder: its name says DeviceImageLoadEvents`,
    `${beside('a.jsonl')} holds events of DeviceImageLoadEvents, which are not read from the folder of DeviceNetworkEvents: a file beside the tables' folders gives each event to its table`,
  ]);
});

test('files of no table that telemetry has, good or bad, do not stop a hunt', async () => {
  const { folder } = await goodLake();
  writeFileSync(join(folder, 'labels.json'), '{"findings": [');
  mkdirSync(join(folder, 'notes'));
  writeFileSync(join(folder, 'notes', 'a.csv'), 'x,x\n');
  writeFileSync(join(dirname(join(folder, 'x')), 'b.parquet'), 'hello');
  expect((await hunt(folder)).pairs).toBe(1);
});
