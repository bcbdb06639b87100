import { describe, expect, test } from 'vitest';
import { boundColumns, elements, parseQuery } from '../../src/kql/parser.ts';

/** The type that the binder gives the expression, or the code of what it has against it. */
function bound(expression: string): string {
  const { root, diagnostics } = parseQuery(`print x = ${expression}`, {});
  if (diagnostics.length > 0) return diagnostics.map(({ Code }) => Code).join();
  return boundColumns(elements(root.Statements)[0]!.Expression)![0]!.type;
}

/** https://learn.microsoft.com/kusto/query/numerical-operators, datetime-timespan-arithmetic, logical-operators */
const OPERATORS: readonly [expression: string, bound: string][] = [
  ['1 + 1', 'long'],
  ['1 + 1.5', 'real'],
  ['1.5 + 1', 'real'],
  ['now() - now()', 'timespan'],
  ['now() - 1d', 'datetime'],
  ['1d + 1d', 'timespan'],
  ['1d + "a"', 'KS106'],
  ['2 * 1d', 'timespan'],
  ['-1', 'long'],
  ['-"a"', 'KS106'],
  ['true and false', 'bool'],
  ['"a" and true', 'KS106'],
  ['"a" =~ "A"', 'bool'],
  ['"a" =~ 1', 'KS106'],
  ['"a" has "a"', 'bool'],
  ['1 has "a"', 'KS106'],
];

describe('an operator is bound by the types beside it', () => {
  test.each(['at first', 'the second time'])('%s', () => {
    expect(OPERATORS.map(([expression]) => [expression, bound(expression)])).toEqual(OPERATORS);
  });

  test('the other way round as well', () => {
    const reversed = [...OPERATORS].reverse();
    expect(reversed.map(([expression]) => [expression, bound(expression)])).toEqual(reversed);
  });

  test('a star beside it stands for the columns', () => {
    const codes = (kql: string) => parseQuery(kql, {}).diagnostics.map(({ Code }) => Code);
    expect(codes('datatable(a:string)["x"] | where * has "x"')).toEqual([]);
    expect(codes('datatable(a:string)["x"] | where a has "x"')).toEqual([]);
    expect(codes('datatable(a:long)[1] | where a has "x"')).toEqual(['KS106']);
  });
});
