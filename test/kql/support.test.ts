/** The list of what translates is made from the tables, and may not drift: `UPDATE_SUPPORT=1 npx vitest run test/kql/support` writes it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { duckdb } from '../../src/dialect/duckdb/index.ts';
import { translatingTo } from '../../src/kql/dialect.ts';
import { isTranslated } from '../../src/kql/functions/special.ts';
import { OPERATORS, SOURCES } from '../../src/kql/lower/query/operators.ts';
import { kustoFunctions } from '../../src/kql/parser.ts';

const file = new URL('../../src/kql/SUPPORT.md', import.meta.url);
const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

function section(title: string, names: readonly string[]): string {
  const [yes, no] = [names.filter(isTranslated), names.filter((name) => !isTranslated(name))];
  return [
    `## ${title}`,
    '',
    `Translated, ${yes.length}: ${code(yes)}`,
    '',
    `Refused by name, ${no.length}: ${code(no)}`,
  ].join('\n');
}

const keyword = (kind: string): string =>
  kind
    .replace(/(Operator|Expression)$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase();

function support(): string {
  const { functions, aggregates } = kustoFunctions();
  const operators = [...new Set([...Object.keys(OPERATORS), ...Object.keys(SOURCES)].map(keyword))].sort();
  return [
    '# What translates',
    '',
    'Made by `test/kql/support.test.ts` from the tables that do the work. A function that is listed as translated may still refuse a form of its arguments, with a diagnostic that names it.',
    '',
    '## Tabular operators',
    '',
    code(operators),
    '',
    section('Scalar functions', functions),
    '',
    section('Aggregates', aggregates),
    '',
  ].join('\n');
}

test('SUPPORT.md says what the tables say', () => {
  const now = translatingTo(duckdb, support);
  if (process.env.UPDATE_SUPPORT) writeFileSync(file, now);
  expect(readFileSync(file, 'utf8')).toBe(now);
});
