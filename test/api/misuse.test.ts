import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type LakeOptions,
  listDetections,
  MerganserError,
  openLake,
  type TelemetryLake,
  translate,
  UsageError,
} from '../../src/index.ts';
import { imageLoad, networkEvent, temporaryFolder, writeFile } from '../lake/parquet-files.ts';

async function lake() {
  const folder = temporaryFolder();
  await writeFile(join(folder, 'DeviceImageLoadEvents.parquet'), imageLoad());
  await writeFile(join(folder, 'DeviceNetworkEvents.parquet'), networkEvent());
  return openLake(folder);
}

test.each<[LakeOptions, string]>([
  [{ memory: '4 gigs' }, "memory limit '4 gigs' is not a size"],
  [{ memory: 4 as unknown as string }, "memory limit '4' is not a size"],
  [{ threads: 0 }, 'threads: expected a whole number from 1 to 1024, got 0'],
  [{ threads: 1.5 }, 'threads: expected a whole number from 1 to 1024, got 1.5'],
  [{ threads: Number.NaN }, 'threads: expected a whole number from 1 to 1024, got NaN'],
  [{ threads: '2' as unknown as number }, 'threads: expected a whole number from 1 to 1024, got "2"'],
  [{ temp: '/no/where' }, 'cannot make a folder for spilled data in /no/where: there is no such folder'],
])('a limit that is none is refused: %j', async (options, message) => {
  const opened = openLake(temporaryFolder(), options);
  await expect(opened).rejects.toThrow(message);
  await expect(opened).rejects.toThrow(UsageError);
});

test.each<[string, object, string]>([
  ['an option that is no parameter', { windw: '1m' }, "unknown parameter 'windw'"],
  [
    'a number for a timespan',
    { window: 15 },
    'parameter window: expected a timespan such as 15m, 24h or 7d, got 15',
  ],
  ['an invalid Date', { since: new Date(Number.NaN) }, 'parameter since: expected a date or time'],
  [
    'half a port',
    { standard_ports: [1.5] },
    'parameter standard_ports: expected a whole number of at most 32 bits, got 1.5',
  ],
  [
    'a list in a list',
    { standard_ports: [[80]] },
    'parameter standard_ports: expected a whole number of at most 32 bits, got [80]',
  ],
  ['a number for a name', { crypto_libraries: [1] }, 'parameter crypto_libraries: expected text, got 1'],
  ['a timespan longer than any', { window: '10675200d' }, 'parameter window: expected a timespan'],
  [
    'an answer that the detection does not give',
    { variant: 'all' },
    'variant: expected one of findings, evidence, activity, stages, got "all"',
  ],
])('hunt with %s is refused', async (_, options, message) => {
  await using opened = await lake();
  const hunt = opened.hunt('t1573.001', options as never);
  await expect(hunt).rejects.toThrow(message);
  await expect(hunt).rejects.toThrow(UsageError);
});

test('the longest timespan that Kusto has is taken', async () => {
  await using opened = await lake();
  expect(
    (await opened.hunt('t1573.001', { window: '10675199d', since: '0001-01-01', until: '9999-12-31' }))
      .rowCount,
  ).toBe(1);
});

test.each<[string, (lake: TelemetryLake) => Promise<unknown>, string]>([
  [
    'a name for a detection to hunt',
    (lake) => lake.huntLayers('t1573.001' as never, [{}]),
    "detection: expected one of listDetections(), got 't1573.001'",
  ],
  [
    'a name for a detection to tune',
    (lake) => lake.tune('t1573.001' as never, [{}], { minDevices: 3, minDays: 7 }),
    "detection: expected one of listDetections(), got 't1573.001'",
  ],
  ['no detection', (lake) => lake.explainHunt(undefined as never, [{}]), 'listDetections(), got undefined'],
  [
    'one layer for a list of them',
    (lake) => lake.huntLayers(listDetections()[0]!, {} as never),
    'settings: expected a list of layers, got an object',
  ],
  [
    'no bounds of the ordinary',
    (lake) => lake.tune(listDetections()[0]!, [{}], {} as never),
    'minDevices: expected a number of at least 0, got undefined',
  ],
  [
    'a file for its rules',
    (lake) => lake.hunt('t1573.001', { suppressions: 'rules.yaml' } as never),
    "suppressions: expected rules, got 'rules.yaml'",
  ],
  [
    'a list of files for rules',
    (lake) => lake.beacons({ suppressions: ['rules.yaml'] } as never),
    'suppressions: expected rules, got a list of something else',
  ],
])('%s is refused by the name of the argument', async (_, call, message) => {
  await using opened = await lake();
  const called = call(opened);
  await expect(called).rejects.toThrow(message);
  await expect(called).rejects.toThrow(UsageError);
});

test('options in the place of the detection, or no text for a query, are named as such', async () => {
  await using opened = await lake();
  await expect(opened.hunt({ window: '1m' } as never)).rejects.toThrow(
    'a detection is named by text, such as t1573.001',
  );
  await expect(opened.sql(undefined as never)).rejects.toThrow('a query is text');
  await expect(opened.sql('SELECT 1', {}, { since: 'soon' })).rejects.toThrow(
    "since: expected a date or time such as 2026-01-31 or 2026-01-31T08:00:00Z, got 'soon'",
  );
  await expect(opened.sql('SELECT 1', {}, { since: '2026-01-06', until: '2026-01-05' })).rejects.toThrow(
    'since (2026-01-06) is not before until (2026-01-05)',
  );
});

test('an option that is none is named with the nearest, in every place that takes options', async () => {
  const unheeded = { name: 'UsageError', hint: 'did you mean memory?' };
  await expect(openLake(temporaryFolder(), { memroy: '1GB' } as never)).rejects.toMatchObject(unheeded);
  await using opened = await lake();
  await expect(opened.sql('SELECT 1', {}, { sinc: '2026-01-01' } as never)).rejects.toThrow(
    "unknown option 'sinc'",
  );
  await expect(opened.kql('print 1', { paramters: {} } as never)).rejects.toMatchObject({
    message: "unknown option 'paramters'",
    hint: 'did you mean parameters?',
  });
  await expect(opened.translate('print 1', { tables: {} } as never)).rejects.toThrow(
    "unknown option 'tables'",
  );
  await expect(opened.hunt('t1573.001', { columns: 'al' as never })).rejects.toThrow(
    'columns: expected one of reference, all, got "al"',
  );
});

test('KQL that is no text, and a time that is none, are named as such', async () => {
  await using opened = await lake();
  await expect(opened.kql(undefined as never)).rejects.toThrow('a query is text');
  await expect(opened.kql('print now()', { now: '2026-01-31' as never })).rejects.toThrow(
    'now: expected a Date, got "2026-01-31"',
  );
  expect(() => translate(5 as never)).toThrow('a query is text');
});

test('a table is found in any casing; one that is not there is named with the nearest', async () => {
  await using opened = await lake();
  expect(await opened.columns('devicenetworkevents')).toEqual(await opened.columns('DeviceNetworkEvents'));
  await expect(opened.columns('DeviceNetworkEvent')).rejects.toMatchObject({
    message: 'the lake has no table DeviceNetworkEvent',
    hint: 'did you mean DeviceNetworkEvents? the lake has DeviceImageLoadEvents, DeviceNetworkEvents',
  });
});

test.each<[string, unknown]>([
  ['a list of folders', ['lake']],
  ['a URL', new URL('file:///lake')],
  ['a Map', new Map([['T', 'a.parquet']])],
  ['a map of no table', {}],
  ['nothing', undefined],
])('a lake that is %s is refused', async (_, source) => {
  await expect(openLake(source as never)).rejects.toMatchObject({
    name: 'UsageError',
    message: 'a lake is opened on a folder, or on a map from table to globs or Arrow tables',
  });
});

test('options that are no object, and a signal that is none, are refused everywhere', async () => {
  await using opened = await lake();
  const works: ((options: never) => Promise<unknown>)[] = [
    (options) => opened.hunt('t1573.001', options),
    (options) => opened.beacons(options),
    (options) => opened.sql('SELECT 1', {}, options),
    (options) => opened.kql('print 1', options),
  ];
  for (const work of works) {
    await expect(work(null as never)).rejects.toThrow('options: expected an object, got null');
    await expect(work({ signal: 'soon' } as never)).rejects.toThrow(
      'signal: expected an AbortSignal, got "soon"',
    );
  }
  await expect((await opened.sql('SELECT 1')).write(new URL('file:///a.csv') as never)).rejects.toThrow(
    'a file to write is named by its path, as text',
  );
});

async function lengths(batches: AsyncIterable<unknown[]>): Promise<number[]> {
  const found: number[] = [];
  for await (const batch of batches) found.push(batch.length);
  return found;
}

test('a result has several readers at once, each of which has all rows', async () => {
  await using opened = await lake();
  const hits = await opened.sql('SELECT range AS n FROM range(10000)');
  const all = Array.from({ length: 10_000 }, (_, n) => ({ n }));
  const [first, second, batches] = await Promise.all([hits.rows(), hits.rows(), lengths(hits)]);
  expect(first).toEqual(all);
  expect(second).toEqual(all);
  expect(batches.reduce((sum, each) => sum + each, 0)).toBe(10_000);
  let outer = 0;
  for await (const batch of hits) {
    outer += batch.length;
    expect(await hits.rows()).toHaveLength(10_000);
  }
  expect(outer).toBe(10_000);
  const folder = temporaryFolder();
  await Promise.all(['a.csv', 'b.csv'].map((name) => hits.write(join(folder, name))));
  for (const name of ['a.csv', 'b.csv']) {
    expect(readFileSync(join(folder, name), 'utf8').split('\r\n')).toHaveLength(10_002);
  }
});

test('a lake that is closed ends what runs, and its results with it', async () => {
  const opened = await lake();
  const hits = await opened.sql('SELECT range AS n FROM range(10000)');
  const reading = hits[Symbol.asyncIterator]();
  await reading.next();
  const endless = opened.sql('SELECT sum(hash(range)) FROM range(1000000000000)');
  const ended = expect(endless).rejects.toMatchObject({
    name: 'MerganserError',
    message: 'the lake is closed',
  });
  await new Promise((resolve) => setTimeout(resolve, 150));
  await opened.close();
  await ended;
  await expect(reading.next()).rejects.toThrow('the lake is closed');
  await expect(hits.rows()).rejects.toThrow('the lake is closed');
  await hits.close();
});

test('a lake that is closed before rows have come ends them, not the process', async () => {
  for (let time = 0; time < 20; time++) {
    const opened = await lake();
    const rows = (await opened.sql('SELECT 1 AS n')).rows().catch((error: Error) => error.message);
    await opened.close();
    expect(await rows).toBe('the lake is closed');
  }
});

test('what is closed says so, and closing twice is fine', async () => {
  const opened = await lake();
  const hits = await opened.sql('SELECT 1 AS n');
  await hits.close();
  await hits.close();
  await expect(hits.rows()).rejects.toThrow('the result is closed');
  await opened.close();
  await opened.close();
  for (const work of [
    () => opened.hunt(),
    () => opened.sql('SELECT 1'),
    () => opened.inspect(),
    () => opened.columns('DeviceNetworkEvents'),
  ]) {
    await expect(work()).rejects.toThrow('the lake is closed');
    await expect(work()).rejects.toThrow(MerganserError);
  }
});

test('an abort ends the work with its own reason, and the lake serves on', async () => {
  await using opened = await lake();
  const reason = new Error('enough');
  await expect(opened.hunt('t1573.001', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const late = opened.sql(
    'SELECT sum(hash(range)) FROM range(1000000000000)',
    {},
    { signal: AbortSignal.timeout(150) },
  );
  await expect(late).rejects.toMatchObject({ name: 'TimeoutError' });
  expect((await opened.hunt()).rowCount).toBe(1);
});
