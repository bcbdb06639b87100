import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resultStream } from '../../src/engine/result.ts';
import { appendArrow, readArrowFile } from '../../src/lake/arrow/arrow.ts';
import { arrowTable, writeArrow } from '../../src/report/arrow.ts';
import { connect, temporaryFile, texts } from './engine.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('', 'twelve bytes', 'thirteen byte'),
);
const row = fc.record({
  Timestamp: fc.option(fc.bigInt({ min: -(2n ** 50n), max: 2n ** 52n })),
  DeviceName: text,
  ReportId: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  RemotePort: fc.option(fc.integer()),
  Score: fc.option(fc.double()),
  Initiated: fc.option(fc.boolean()),
  Libraries: fc.option(fc.array(fc.option(text), { maxLength: 4 })),
});

const literal = (value: unknown): string => {
  if (value === null) return 'NULL';
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]::VARCHAR[]`;
  if (typeof value === 'number') return Object.is(value, -0) ? "'-0.0'::DOUBLE" : `'${value}'::DOUBLE`;
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : `${value}`;
};

test('what goes out as Arrow comes back in as it was, by table and by file', async () => {
  const connection = await connect();
  const path = temporaryFile('round.arrow');
  await connection.run(`CREATE TABLE original (
    i INTEGER, Timestamp TIMESTAMPTZ, DeviceName VARCHAR, ReportId BIGINT, RemotePort INTEGER,
    Score DOUBLE, Initiated BOOLEAN, Libraries VARCHAR[])`);
  const back = async (load: () => Promise<unknown>) => {
    await load();
    expect(await texts(connection, 'FROM copied ORDER BY i')).toEqual(
      await texts(connection, 'FROM original ORDER BY i'),
    );
    await connection.run('DROP TABLE copied');
  };
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
      const values = rows.map(
        (r, i) =>
          `(${[i, r.Timestamp === null ? 'NULL' : `make_timestamptz(${r.Timestamp})`, ...[r.DeviceName, r.ReportId, r.RemotePort, r.Score, r.Initiated, r.Libraries].map(literal)].join(', ')})`,
      );
      await connection.run(`DELETE FROM original; INSERT INTO original VALUES ${values.join(', ')}`);
      const result = async () => resultStream(await connection.stream('FROM original ORDER BY i'));
      const table = await arrowTable(await result());
      await back(() => appendArrow(connection, 'copied', table.schema, table.batches));
      await writeArrow(await result(), path);
      await back(async () => {
        const { schema, batches } = await readArrowFile(path);
        return appendArrow(connection, 'copied', schema, batches);
      });
    }),
    { numRuns: 60 },
  );
});
