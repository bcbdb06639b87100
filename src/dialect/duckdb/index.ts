/** DuckDB as a dialect. */
import type { Dialect } from '../dialect.ts';
import { canConvert } from './functions/conversions.ts';
import { duckdbFunctions } from './functions/index.ts';
import { printDuckdb } from './printer.ts';

export const duckdb: Dialect = Object.freeze({
  name: 'DuckDB',
  ...duckdbFunctions,
  lacks: new Set<never>(),
  converts: canConvert,
  datetimeTicks: 10n,
  print: printDuckdb,
});
