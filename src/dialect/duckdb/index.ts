/** DuckDB as a dialect. */
import type { Dialect } from '../dialect.ts';
import { canConvert } from './functions/conversions.ts';
import { duckdbFunctions } from './functions/index.ts';
import { printDuckdb } from './printer.ts';

export const duckdb: Dialect = Object.freeze({
  name: 'DuckDB',
  ...duckdbFunctions,
  lacks: new Set<never>(),
  // DuckDB 1.5.6 refuses from 995 common table expressions on, each of which counts as an expression within the one before.
  mostSteps: 950,
  // It puts such expressions in wherever they are read: 16,384 reads of one table take two seconds, 65,536 all memory.
  mostReads: 10_000,
  converts: canConvert,
  datetimeTicks: 10n,
  print: printDuckdb,
});
