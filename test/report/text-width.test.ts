import { expect, test } from 'vitest';
import { cut, padEnd, padStart, textWidth } from '../../src/report/table/text-width.ts';

test.each([
  ['', 0],
  ['cmd.exe', 7],
  ['žluť', 4],
  ['鴨', 2],
  ['データ同期.exe', 14],
  ['한글', 4],
  ['한글'.normalize('NFD'), 4],
  ['ｗｉｄｅ', 8],
  ['e\u0301', 1],
  ['🦆', 2],
  ['🇨🇿', 2],
  ['…→▌', 3],
])('%j takes %i cells', (text, cells) => {
  expect(textWidth(text)).toBe(cells);
});

test.each([
  ['abcdef', 6, 'abcdef'],
  ['abcdef', 5, 'abcd…'],
  ['abcdef', 1, '…'],
  ['abcdef', 0, ''],
  ['abcdef', -3, ''],
  ['鴨鴨鴨', 5, '鴨鴨…'],
  ['鴨鴨鴨', 4, '鴨…'],
  ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
  ['🦆🦆', 3, '🦆…'],
])('%j in %i cells is %j', (text, cells, expected) => {
  expect(cut(text, cells, '…')).toBe(expected);
});

test('an ellipsis of three letters takes three cells, fewer where there is no room', () => {
  expect(cut('abcdef', 5, '...')).toBe('ab...');
  expect(cut('abcdef', 2, '...')).toBe('..');
});

test('padding counts cells, not characters', () => {
  expect(padEnd('鴨', 4)).toBe('鴨  ');
  expect(padStart('鴨', 4)).toBe('  鴨');
  expect(padEnd('abc', 2)).toBe('abc');
});
