import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { macroText } from '../dialect/duckdb/macro-text.ts';
import { quoteIdentifier } from '../dialect/duckdb/quote.ts';
import type { TableFunction } from '../lake/sql.ts';
import { BEACONS, beaconStep } from './beacon-steps.ts';
import type { Detection } from './detection/detection.ts';
import { parseHeader } from './detection/detection-header.ts';
import { resolveParameters } from './parameters.ts';
import { parameterLiteral } from './script.ts';

const FILE = new URL('beacons.sql', BEACONS);

/** The steps of its statement, each of which goes on from those before. */
const STEPS = [
  'connections',
  'keys',
  'rhythm',
  'prevalence',
  'nesting',
  'folding',
  'description',
  'names',
  'columns',
];

/**
 * The beacon analysis, in the form of a detection: who talks to whom at regular intervals, scored from 0 to 1.
 * Its statement, its parameters and what the columns mean are in `sql/beacon/`.
 */
export function beaconAnalysis(): Detection {
  const text = readFileSync(FILE, 'utf8');
  const header = parseHeader(text, fileURLToPath(FILE));
  const answer = text.slice(text.indexOf('*/') + 2).trimStart();
  return {
    ...header,
    folder: BEACONS,
    sql: `WITH\n${STEPS.map(beaconStep).join(',\n\n')}\n\n-- answer\n${answer}`,
  };
}

/**
 * The same as a function for the user's own SQL, each parameter by its name:
 * `SELECT * FROM beacons(min_score := 0.8) WHERE FleetDevices > 10`.
 */
export function beaconFunction(): TableFunction {
  const { sql, parameters, macros, tables } = beaconAnalysis();
  const values = resolveParameters(parameters, []);
  const takes = parameters.map(
    ({ name, type }) => `${quoteIdentifier(name)} := ${parameterLiteral(type, values[name] ?? null)}`,
  );
  const body = sql.replace(/\$(\w+)/g, (_, name: string) => quoteIdentifier(name));
  return {
    name: 'beacons',
    tables: Object.keys(tables),
    statements: [
      ...macros.map(macroText),
      `CREATE OR REPLACE TEMP MACRO beacons(${takes.join(', ')}) AS TABLE\n${body}`,
    ],
  };
}
