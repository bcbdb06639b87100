/** `row_window_session()` over random rows, compared with a walk over them that keeps to the documentation's model. */
import type { DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { openEngine, rowsOf } from './engine.ts';

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openEngine();
});

interface Row {
  readonly minute: number | null;
  readonly restart: boolean;
}

/** https://learn.microsoft.com/kusto/query/row-window-session-function, row after row; minutes. */
function sessions(rows: readonly Row[], fromFirst: number, between: number): (number | null)[] {
  let session: number | null = null;
  let before: number | null = null;
  return rows.map(({ minute, restart }) => {
    const begins =
      session === null ||
      minute === null ||
      restart ||
      minute >= session + fromFirst ||
      (before !== null && minute >= before + between);
    if (begins) session = minute;
    before = minute;
    return session;
  });
}

const row = fc.record({
  minute: fc.option(fc.integer({ min: 0, max: 40 }), { freq: 8 }),
  restart: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});
const sorted = fc
  .array(fc.integer({ min: 0, max: 6 }), { maxLength: 40 })
  .map((steps) =>
    steps.map((_, i) => ({ minute: steps.slice(0, i + 1).reduce((a, b) => a + b, 0), restart: false })),
  );

test('sessions begin where a walk over the rows begins them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.array(row, { maxLength: 30 }), sorted),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 10 }),
      async (rows, fromFirst, between) => {
        const cells = rows.map(
          ({ minute, restart }, i) =>
            `${i}, ${minute === null ? 'timespan(null)' : `${minute}m`}, ${restart}`,
        );
        const query = `datatable(i:long, m:timespan, r:bool)[${cells.join(', ')}]
| sort by i asc
| extend s = row_window_session(datetime(2026-01-01) + m, ${fromFirst}m, ${between}m, r)
| project (s - datetime(2026-01-01)) / 1m`;
        const found = await rowsOf(connection, query);
        expect(found.map(([value]) => value)).toEqual(sessions(rows, fromFirst, between));
      },
    ),
    { numRuns: 60, seed: 7 },
  );
});
