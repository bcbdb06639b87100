import { nearest } from '../../nearest.ts';
import type { Detection } from './detection.ts';

/** What is wrong with what the header says of a finding: its columns are the result's, its spans parameters. */
export function checkFinding(detection: Detection, columns: readonly string[]): string[] {
  const { finding } = detection;
  if (finding === undefined) return [];
  const { identity, without_pid = [], first, last, since, reach } = finding;
  const named: [key: string, column: string][] = [
    ...identity.map((column): [string, string] => ['identity', column]),
    ...without_pid.map((column): [string, string] => ['without_pid', column]),
    ...(without_pid.length > 0 ? [['without_pid', 'ProcessId'] as [string, string]] : []),
    ['first', first],
    ['last', last],
    ...(since === undefined ? [] : [['since', since] as [string, string]]),
  ];
  return [
    ...named.flatMap(([key, column]) => lacking(`finding.${key}: the result has no column`, column, columns)),
    ...(reach === undefined ? [] : checkReach(detection, reach)),
    ...checkPairs(detection),
  ];
}

function checkReach({ parameters }: Detection, reach: string): string[] {
  const spans = parameters.filter(({ type }) => type === 'timespan').map(({ name }) => name);
  return lacking('finding.reach: no parameter of type timespan is', reach, spans);
}

function checkPairs({ finding, tables }: Detection): string[] {
  const pairs = finding?.pairs;
  if (pairs === undefined) return [];
  return [
    ...(finding?.reach === undefined ? ['finding.pairs: finding.reach must say how far apart they lie'] : []),
    ...pairs.tables.flatMap((table) =>
      Object.hasOwn(tables, table)
        ? pairs.alike.flatMap((column) =>
            lacking(
              `finding.pairs.alike: the header's columns of ${table} are without`,
              column,
              tables[table]!,
            ),
          )
        : lacking("finding.pairs.tables: none of the header's tables is", table, Object.keys(tables)),
    ),
  ];
}

/** SQL does not tell casings of names apart. */
function lacking(said: string, name: string, known: readonly string[]): string[] {
  if (known.some((each) => each.toLowerCase() === name.toLowerCase())) return [];
  const near = nearest(name, known);
  return [`${said} ${name}${near === undefined ? '' : `; did you mean ${near}?`}`];
}
