import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { engineError } from '../../src/engine/errors.ts';

test('a query that is too deeply nested for the engine is told in our words, with a way out', async () => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const said = await connection.run(`SELECT ${'1 + '.repeat(1500)}1`).catch((error: unknown) => error);
  expect(engineError(said, {})).toMatchObject({
    message: 'the query is too large or too deeply nested for the engine',
    hint: expect.stringContaining('split it'),
    cause: said,
  });
  connection.closeSync();
  instance.closeSync();
});
