import type { DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { interpret, type Operator, type Pipeline } from '../oracle/kql/operators.ts';
import { queryText } from '../oracle/kql/text.ts';
import type { Table, Value } from '../oracle/kql/value.ts';
import { runs } from '../runs.ts';
import { rowsDiffer } from './compare.ts';
import { openEngine, runTranslation, translate } from './engine.ts';
import { randomPipeline, randomTables } from './random-pipeline.ts';

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openEngine();
});

/** As the API's JSON has it. */
function plain(value: Value, inDynamic = false): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item, true));
  if (typeof value === 'bigint')
    return inDynamic || Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

const rowsOf = ({ columns, rows }: Table): unknown[][] =>
  rows.map((row) => columns.map(({ name }) => plain(row[name]!)));

/** The query made an order last. */
const isOrdered = (operators: readonly Operator[]): boolean => /sort|take/.test(operators.at(-1)?.kind ?? '');

async function whyWrong(pipeline: Pipeline, query: string, expected: Table): Promise<string | undefined> {
  const translation = translate(query);
  const errors = translation.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return errors.map(({ message }) => message).join('; ');
  const columns = (list: readonly { name: string; type: string }[]): string =>
    list.map(({ name, type }) => `${name}:${type}`).join(', ');
  if (columns(translation.columns) !== columns(expected.columns))
    return `columns ${columns(translation.columns)} for ${columns(expected.columns)}`;
  const rows = await runTranslation(connection, translation).catch((error: Error) => error.message);
  if (typeof rows === 'string') return `${rows}\n${translation.sql}`;
  const types = { columns: [], types: [], rows: rowsOf(expected) };
  const difference = rowsDiffer(types, rows, { ordered: isOrdered(pipeline.operators), sets: false });
  return difference && `${difference}\n${translation.sql}`;
}

test('random pipelines give the rows that a plain reading of the documentation gives', async () => {
  let [ran, kept, joined] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (generate) => {
      const draw = <T>(of: fc.Arbitrary<T>): T => generate(() => of);
      const tables = randomTables(draw);
      const pipeline = randomPipeline(draw, tables);
      const expected = interpret(pipeline, tables);
      const query = queryText(pipeline, tables);
      const wrong = await whyWrong(pipeline, query, expected);
      if (wrong !== undefined) expect.fail(`${query}\n\n${wrong}`);
      ran += 1;
      kept += Math.sign(expected.rows.length);
      joined += Number(pipeline.operators.some(({ kind }) => kind === 'join'));
    }),
    // Making a counterexample small may take long: what is found by then is reported.
    { numRuns: RUNS, interruptAfterTimeLimit: 45_000 },
  );
  // A generator whose answers are empty would prove nothing.
  expect(kept).toBeGreaterThan(ran / 2);
  expect(joined).toBeGreaterThan(ran / 10);
  // A machine with other work to do comes less far in the time.
  expect(ran).toBeGreaterThan(RUNS / 10);
});

const RUNS = Number(process.env.PIPELINES ?? runs(400));
