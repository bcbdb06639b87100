import { expect, test } from 'vitest';
import { TICKS } from '../../src/kql/literals.ts';
import { openEngine, rowsOf } from './engine.ts';

test('a text in a column has the units of a literal, each as long', async () => {
  const connection = await openEngine();
  const units = Object.keys(TICKS);
  const texts = units.map((unit) => `"700${unit}"`).join(', ');
  const found = await rowsOf(
    connection,
    `datatable(s:string)[${texts}, "700fortnights"] | project totimespan(s) / 1tick`,
  );
  expect(found.map(([ticks]) => ticks)).toEqual([...Object.values(TICKS).map((ticks) => 700 * ticks), null]);
});
