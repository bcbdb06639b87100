import { findDetection } from '../project.ts';

/** The detection's own defaults as SQL lists, names in small letters: what a person would have typed in. */
const values = new Map(findDetection('t1573.001').parameters.map((each) => [each.name, each.default]));

export const defaults = {
  crypto_libraries: folded('crypto_libraries'),
  excluded: folded('excluded_processes', 'excluded_browsers'),
  standard_ports: `(${(values.get('standard_ports') as number[]).join(', ')})`,
} as const;

/** The same, as JavaScript has them. */
export const defaultLists = {
  crypto_libraries: names('crypto_libraries'),
  excluded: names('excluded_processes', 'excluded_browsers'),
  standard_ports: values.get('standard_ports') as number[],
} as const;

/** Strings as an SQL list in brackets. */
export function list(strings: readonly string[]): string {
  return `[${strings.map(quoted).join(', ')}]`;
}

function folded(...parameters: string[]): string {
  return `(${names(...parameters)
    .map(quoted)
    .join(', ')})`;
}

function names(...parameters: string[]): string[] {
  return parameters.flatMap((name) => values.get(name) as string[]).map((name) => name.toLowerCase());
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
