/** The list of what translates is made from the tables, and may not drift: `UPDATE_SUPPORT=1 npx vitest run test/kql/support` writes it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { duckdb } from '../../src/dialect/duckdb/index.ts';
import { translatingTo } from '../../src/kql/dialect.ts';
import { isTranslated } from '../../src/kql/functions/special.ts';
import { givesColumns } from '../../src/kql/functions/tuples.ts';
import { OPERATORS, SOURCES } from '../../src/kql/lower/query/operators.ts';
import { kustoFunctions } from '../../src/kql/parser.ts';
import { translate } from './engine.ts';

const file = new URL('../../src/kql/SUPPORT.md', import.meta.url);
const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

/** Operators that have no translation, each in a query that says so. */
const REFUSED: Readonly<Record<string, string>> = {
  'assert-schema': 'print x = 1 | assert-schema (x:long)',
  consume: 'print x = 1 | consume',
  facet: 'print x = 1 | facet by x',
  fork: 'print x = 1 | fork (count)',
  'make-graph': 'print x = 1 | make-graph x --> x',
  reduce: 'print x = "a" | reduce by x',
  'top-hitters': 'print x = 1 | top-hitters 1 of x',
};

/** Forms of operators that have translations, each in a query. */
const REFUSED_FORMS: Readonly<Record<string, string>> = {
  '`make-series … in range(…)`': 'range x from 1 to 3 step 1 | make-series count() on x in range(1, 3, 1)',
  '`make-series kind=nonempty … by`':
    'print x = 1, k = 2 | make-series kind=nonempty count() on x from 1 to 3 step 1 by k',
  '`parse-kv` without delimiters': 'print s = "a=1" | parse-kv s as (a:long)',
  '`partition by … { … }`': 'range x from 1 to 3 step 1 | partition by x { print y = 1 }',
  '`mv-apply` and `partition` inside each other':
    'print x = 1, d = dynamic([1]) | partition by x (mv-apply d on (count))',
};

function section(title: string, names: readonly string[]): string {
  const translates = (name: string): boolean => isTranslated(name) || givesColumns(name);
  const [yes, no] = [names.filter(translates), names.filter((name) => !translates(name))];
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
  const operators = [...new Set([...Object.keys(OPERATORS), ...Object.keys(SOURCES)].map(keyword))]
    .filter((name) => !(name in REFUSED))
    .sort();
  return [
    '# What translates',
    '',
    'Made by `test/kql/support.test.ts` from the tables that do the work. A function that is listed as translated may still refuse a form of its arguments, with a diagnostic that names it.',
    '',
    '## Tabular operators',
    '',
    code(operators),
    '',
    `Refused by name: ${code(Object.keys(REFUSED))}`,
    '',
    `Forms that are refused: ${Object.keys(REFUSED_FORMS).join(', ')}`,
    '',
    section('Scalar functions', functions),
    '',
    section('Aggregates', aggregates),
    '',
  ].join('\n');
}

test.each(Object.entries({ ...REFUSED, ...REFUSED_FORMS }))('%s is refused by name', (_, query) => {
  const errors = translate(query).diagnostics.filter(({ severity }) => severity === 'error');
  expect(errors.map(({ code: found }) => found)).toEqual([expect.stringMatching(/^MG00[13]$/)]);
});

test('SUPPORT.md says what the tables say', () => {
  const now = translatingTo(duckdb, support);
  if (process.env.UPDATE_SUPPORT) writeFileSync(file, now);
  expect(readFileSync(file, 'utf8')).toBe(now);
});
