/** Every kind of `join`, as a nested loop. https://learn.microsoft.com/kusto/query/join-operator */
import type { JoinKey, JoinKind } from './operators.ts';
import { absent, type Column, keyOf, type Row, type Table } from './value.ts';

export function joinTables(left: Table, right: Table, how: JoinKind, on: readonly JoinKey[]): Table {
  const leftKey = (row: Row): string => keyOf(on.map((key) => row[key.left]!));
  const rightKey = (row: Row): string => keyOf(on.map((key) => row[key.right]!));
  const inRight = (row: Row): boolean => right.rows.some((other) => rightKey(other) === leftKey(row));
  const inLeft = (row: Row): boolean => left.rows.some((other) => leftKey(other) === rightKey(row));
  if (how === 'leftsemi') return { ...left, rows: left.rows.filter(inRight) };
  if (how === 'leftanti') return { ...left, rows: left.rows.filter((row) => !inRight(row)) };
  if (how === 'rightsemi') return { ...right, rows: right.rows.filter(inLeft) };
  if (how === 'rightanti') return { ...right, rows: right.rows.filter((row) => !inLeft(row)) };

  const renamed = rightColumns(left.columns, right.columns);
  const both = (one: Row | undefined, other: Row | undefined): Row => ({
    ...Object.fromEntries(left.columns.map(({ name, type }) => [name, one ? one[name]! : absent(type)])),
    ...Object.fromEntries(
      right.columns.map(({ name, type }, index) => [
        renamed[index]!.name,
        other ? other[name]! : absent(type),
      ]),
    ),
  });
  const rows = how === 'innerunique' ? onePerKey(left.rows, leftKey) : left.rows;
  const pairs = rows.flatMap((row) =>
    right.rows.filter((other) => leftKey(row) === rightKey(other)).map((other) => both(row, other)),
  );
  const alone = (side: 'left' | 'right'): boolean => how === `${side}outer` || how === 'fullouter';
  return {
    columns: [...left.columns, ...renamed],
    rows: [
      ...pairs,
      ...(alone('left') ? rows.filter((row) => !inRight(row)).map((row) => both(row, undefined)) : []),
      ...(alone('right') ? right.rows.filter((row) => !inLeft(row)).map((row) => both(undefined, row)) : []),
    ],
  };
}

/** Which of them is Kusto's choice: ask only for what they have in common. */
function onePerKey(rows: readonly Row[], key: (row: Row) => string): Row[] {
  return [...new Map([...rows].reverse().map((row) => [key(row), row])).values()];
}

/** A right column whose name is taken gets the first digit that is free. */
export function rightColumns(left: readonly Column[], right: readonly Column[]): Column[] {
  const taken = new Set(left.map(({ name }) => name));
  return right.map((column) => {
    let { name } = column;
    for (let digit = 1; taken.has(name); digit += 1) name = `${column.name}${digit}`;
    taken.add(name);
    return { ...column, name };
  });
}
