import { expect, test } from 'vitest';
import { nearest, nearestFew } from '../src/nearest.ts';

const FORMATS = ['table', 'json', 'jsonl', 'csv', 'markdown', 'parquet', 'arrow'];

test.each([
  ['parqet', 'parquet'],
  ['jsno', 'json'],
  ['JSONL', 'jsonl'],
  ['cvs', 'csv'],
  ['markdwon', 'markdown'],
  ['tabel', 'table'],
])('%s is near %s', (word, meant) => {
  expect(nearest(word, FORMATS)).toBe(meant);
});

test.each(['excel', 'x', '', 'yaml'])('nothing is near %j', (word) => {
  expect(nearest(word, FORMATS)).toBeUndefined();
});

test('a column with a letter missing is found among its like', () => {
  expect(nearest('RemotePrt', ['RemoteIP', 'RemotePort', 'RemoteUrl', 'LocalPort'])).toBe('RemotePort');
});

test('of two as near, the earlier is meant', () => {
  expect(nearest('cat', ['bat', 'hat'])).toBe('bat');
  expect(nearest('cat', ['hat', 'bat'])).toBe('hat');
});

test('no candidates, no answer', () => {
  expect(nearest('json', [])).toBeUndefined();
});

test('several are given nearest first, no more than asked for', () => {
  expect(nearestFew('RemotePrt', ['RemotePorts', 'RemotePort', 'LocalIP', 'RemotePart'], 2)).toEqual([
    'RemotePort',
    'RemotePart',
  ]);
});
