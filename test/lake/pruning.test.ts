import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLake } from '../../src/index.ts';
import { networkEvent, query, temporaryFolder, writeFile } from './parquet-files.ts';

/** One event a second for 12 hours, in row groups of about 34 minutes. */
const EVENTS = networkEvent({ Timestamp: "TIMESTAMP '2026-01-05' + to_seconds(n)", ReportId: 'n::BIGINT' });
const bounds = { since: '2026-01-05T06:00:00Z', until: '2026-01-05T06:01:00Z' };

/**
 * Spoils the pages of every row group but those that touch the bounds. What is pruned is never read, so the
 * query still answers; whatever reads more than it should, fails.
 */
async function spoilOtherRowGroups(path: string, firstKept: number, lastKept: number): Promise<void> {
  const chunks = await query(`
    SELECT row_group_id AS id, coalesce(dictionary_page_offset, data_page_offset) AS start, total_compressed_size AS size
    FROM parquet_metadata('${path}')
    WHERE row_group_id NOT BETWEEN ${firstKept} AND ${lastKept}`);
  const file = await open(path, 'r+');
  for (const { start, size } of chunks) {
    await file.write(Buffer.alloc(Number(size), 0xff), 0, Number(size), Number(start));
  }
  await file.close();
}

describe('time bounds reach the statistics of row groups', () => {
  test.each(['TIMESTAMP', 'TIMESTAMPTZ', 'TIMESTAMP_NS', 'TIMESTAMP_MS', 'TIMESTAMP_S'])(
    'of %s',
    async (type) => {
      const path = join(temporaryFolder(), 'DeviceNetworkEvents', 'part-0.parquet');
      await writeFile(
        path,
        `SELECT * REPLACE (Timestamp::${type} AS Timestamp) FROM (${EVENTS} FROM range(43200) AS seconds(n))`,
        'FORMAT parquet, ROW_GROUP_SIZE 2048',
      );
      const sixOClock = Math.floor((6 * 3600) / 2048);
      await spoilOtherRowGroups(path, sixOClock, sixOClock);
      await using lake = await openLake({ DeviceNetworkEvents: path });
      const counted =
        'SELECT count(*) AS n, min(ReportId) AS first, max(ReportId) AS last FROM DeviceNetworkEvents';
      const pruned = await lake.sql(counted, undefined, bounds);
      expect(await pruned.rows()).toEqual([{ n: 60, first: 21600, last: 21659 }]);
      await expect(lake.sql('SELECT sum(ReportId) FROM DeviceNetworkEvents')).rejects.toThrow(
        /cannot read .*part-0\.parquet/,
      );
    },
  );

  test('and a filter on Timestamp in the query itself does, where the files hold plain TIMESTAMP', async () => {
    const path = join(temporaryFolder(), 'DeviceNetworkEvents', 'part-0.parquet');
    await writeFile(path, `${EVENTS} FROM range(43200) AS seconds(n)`, 'FORMAT parquet, ROW_GROUP_SIZE 2048');
    const sixOClock = Math.floor((6 * 3600) / 2048);
    await spoilOtherRowGroups(path, sixOClock, sixOClock);
    await using lake = await openLake({ DeviceNetworkEvents: path });
    const hits = await lake.sql(
      `SELECT count(*) AS n FROM DeviceNetworkEvents
       WHERE Timestamp >= TIMESTAMP '2026-01-05 06:00:00' AND Timestamp < TIMESTAMP '2026-01-05 06:01:00'`,
    );
    expect(await hits.rows()).toEqual([{ n: 60 }]);
  });

  test('no row is lost to bounds that are finer than the files', async () => {
    const path = join(temporaryFolder(), 'n.parquet');
    await writeFile(path, networkEvent({ Timestamp: "TIMESTAMP_MS '2026-01-05 06:00:00.010'" }));
    await using lake = await openLake({ DeviceNetworkEvents: path });
    const until = { until: '2026-01-05T06:00:00.0100010Z' };
    expect((await lake.sql('FROM DeviceNetworkEvents', undefined, until)).rowCount).toBe(1);
    const since = { since: '2026-01-05T06:00:00.0100000Z' };
    expect((await lake.sql('FROM DeviceNetworkEvents', undefined, since)).rowCount).toBe(1);
  });
});
