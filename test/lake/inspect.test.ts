import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLake } from '../../src/index.ts';
import { merganser } from '../cli/merganser.ts';
import { imageLoad, networkEvent, temporaryFolder, writeFile } from './parquet-files.ts';

/**
 * Six rows of four events on the 1st and the 4th: one was delivered three times, two cannot be told apart for want
 * of a DeviceId, and one is an aggregated report.
 */
async function lake(): Promise<string> {
  const folder = temporaryFolder();
  const event = (changes: Record<string, string>) =>
    networkEvent({
      Timestamp: "TIMESTAMP '2026-01-01 10:00:00'",
      DeviceId: "'d'",
      ReportId: '1',
      ...changes,
    });
  const rows = [
    event({}),
    event({}),
    event({
      Timestamp: "TIMESTAMP '2026-01-04 00:00:00'",
      ReportId: '2',
      ActionType: "'ConnectionSuccessAggregatedReport'",
    }),
    event({ DeviceId: "''" }),
    event({ DeviceId: "''" }),
  ];
  await writeFile(join(folder, 'DeviceNetworkEvents', 'a.parquet'), rows.join(' UNION ALL '));
  await writeFile(join(folder, 'DeviceNetworkEvents', 'b.parquet'), event({}));
  await writeFile(join(folder, 'DeviceImageLoadEvents', 'a.parquet'), imageLoad());
  return folder;
}

describe('`lake` says what is there', () => {
  test('rows, time range, days without rows, rows delivered twice, aggregated reports', async () => {
    await using opened = await openLake(await lake());
    const [, network] = await opened.inspect();
    expect(network).toMatchObject({
      table: 'DeviceNetworkEvents',
      files: 2,
      rows: 6,
      from: '2026-01-01T10:00:00Z',
      to: '2026-01-04T00:00:00Z',
      daysWithoutRows: ['2026-01-02', '2026-01-03'],
      duplicates: 2,
      aggregatedReports: 1,
      shapes: ['parquet defender-xdr'],
    });
  });

  test('though a clock was wrong beyond measure', async () => {
    const folder = temporaryFolder();
    const times = ["'infinity'", "'2026-01-05'", "'294247-01-10 04:00:54'", 'NULL'];
    for (const [number, time] of times.entries()) {
      await writeFile(join(folder, 'T', `${number}.parquet`), `SELECT ${time}::TIMESTAMP AS Timestamp`);
    }
    await using opened = await openLake({
      T: times.map((_, number) => join(folder, 'T', `${number}.parquet`)).filter((_, number) => number !== 2),
    });
    expect(await opened.inspect()).toMatchObject([
      { rows: 3, from: '2026-01-05T00:00:00Z', to: 'infinity', daysWithoutRows: [] },
    ]);
    await using late = await openLake({ T: join(folder, 'T', '2.parquet') });
    expect(await late.inspect()).toMatchObject([
      { rows: 1, from: '294247-01-10 04:00:54', daysWithoutRows: [] },
    ]);
  });

  test('in words, and in JSON', async () => {
    const folder = await lake();
    const { code, stdout } = await merganser(['lake', folder]);
    expect(code).toBe(0);
    const network = stdout
      .slice(stdout.indexOf('DeviceNetworkEvents'))
      .split('\n')
      .map((line) => line.trim());
    expect(network[1]).toMatch(/^6 rows in 2 files \(\d\.\d KB\), parquet defender-xdr$/);
    expect(network.slice(2, 6)).toEqual([
      '2026-01-01T10:00:00Z  to  2026-01-04T00:00:00Z',
      'no rows on 2 days: 2026-01-02, 2026-01-03',
      '2 rows were delivered twice (--dedupe drops them)',
      '1 ConnectionSuccessAggregatedReport row: each stands for many connections, none is hunted as one',
    ]);
    const json = await merganser(['lake', folder, '--format', 'json']);
    expect((JSON.parse(json.stdout) as object[])[1]).toMatchObject({ rows: 6, duplicates: 2 });
  });

  test('of tables of the user’s own, whatever their columns mean', async () => {
    const folder = await lake();
    writeFileSync(
      join(folder, 'labels.json'),
      '[{"Timestamp": "soon", "DeviceId": 5, "ReportId": "x", "ActionType": {"a": 1}}]',
    );
    writeFileSync(join(folder, 'README.md'), '# a lake\n');
    await writeFile(
      join(folder, 'mine', 'a.parquet'),
      "SELECT 'noon' AS Timestamp, 1 AS DeviceId, 'r' AS ReportId",
    );
    await writeFile(join(folder, 'mine', 'b.csv'), 'SELECT 1 AS Timestamp', 'FORMAT csv');
    await writeFile(join(folder, 'nothing.parquet'), 'SELECT 1 AS n WHERE false');
    for (const options of [{}, { dedupe: true }]) {
      await using opened = await openLake(folder, options);
      const reports = await opened.inspect();
      expect(reports.map(({ table, rows, from, duplicates }) => [table, rows, from, duplicates])).toEqual([
        ['DeviceImageLoadEvents', 1, '2026-01-05T00:00:00Z', 0],
        ['DeviceNetworkEvents', options.dedupe ? 4 : 6, '2026-01-01T10:00:00Z', options.dedupe ? 0 : 2],
        ['labels', 1, null, null],
        ['mine', 2, null, null],
        ['nothing', 0, null, null],
      ]);
      expect((await opened.hunt()).rowCount).toBe(0);
    }
  });
});

describe('--dedupe', () => {
  test('drops all but one of the rows with one DeviceId, ReportId and Timestamp, and no others', async () => {
    const folder = await lake();
    const count = async (...options: string[]) => {
      const argv = [
        'sql',
        'SELECT DeviceId, count(*) AS n FROM DeviceNetworkEvents GROUP BY ALL ORDER BY ALL',
        '--lake',
        folder,
        '--format',
        'json',
      ];
      return JSON.parse((await merganser([...argv, ...options])).stdout);
    };
    expect(await count()).toEqual([
      { DeviceId: '', n: 2 },
      { DeviceId: 'd', n: 4 },
    ]);
    expect(await count('--dedupe')).toEqual([
      { DeviceId: '', n: 2 },
      { DeviceId: 'd', n: 2 },
    ]);
  });

  test('makes a hunt count a connection once, and is off by default', async () => {
    const folder = temporaryFolder();
    const ids = { DeviceId: "'d'", ReportId: '1' };
    await writeFile(join(folder, 'DeviceImageLoadEvents.parquet'), imageLoad(ids));
    await writeFile(join(folder, 'DeviceNetworkEvents.parquet'), `${networkEvent(ids)} FROM range(3)`);
    const pairs = async (options: object) => {
      await using opened = await openLake(folder, options);
      return (await (await opened.hunt()).rows())[0]?.ConnectionCount;
    };
    expect([await pairs({}), await pairs({ dedupe: true })]).toEqual([3, 1]);
  });
});
