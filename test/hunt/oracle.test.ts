import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { oracle } from '../oracle/t1573_001.ts';
import { runs } from '../runs.ts';
import { cases } from './events.ts';
import { Statement } from './statement.ts';

let statement: Statement;
beforeAll(async () => {
  statement = await Statement.open();
});

test('on thousands of random lakes the detection finds what a nested loop over the KQL finds, in the same order', async () => {
  let [hunted, found] = [0, 0];
  await fc.assert(
    fc.asyncProperty(cases, async ({ lakes, loads, connections, parameters }) => {
      const expected = oracle(loads, connections, parameters);
      expect(await statement.findings(loads, connections, parameters)).toEqual(expected);
      found += expected.length;
      hunted += lakes;
    }),
    { numRuns: RUNS },
  );
  // A generator that never makes a finding would prove nothing.
  expect(hunted).toBeGreaterThan(2 * RUNS);
  expect(found).toBeGreaterThan(RUNS);
}, 180_000);

/** Each makes several lakes. */
const RUNS = runs(700);
