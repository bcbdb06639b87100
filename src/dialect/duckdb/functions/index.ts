/** All function tables of the DuckDB dialect. */
import type { FunctionTables } from '../../dialect.ts';
import { aggregates, windows } from './aggregates.ts';
import { control } from './control.ts';
import { datetime, datetimeParts } from './datetime.ts';
import { dynamic } from './dynamic.ts';
import { ip } from './ip.ts';
import { math } from './math.ts';
import { operators } from './operators.ts';
import { regex } from './regex.ts';
import { series } from './series.ts';
import { strings } from './strings.ts';
import { textSearch } from './text-search.ts';

export const duckdbFunctions: FunctionTables = {
  functions: {
    ...operators,
    ...textSearch,
    ...strings,
    ...regex,
    ...math,
    ...datetime,
    ...datetimeParts,
    ...dynamic,
    ...control,
    ...ip,
    ...series,
  },
  aggregates,
  windows,
};
