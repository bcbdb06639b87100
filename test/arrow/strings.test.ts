import { DuckDBDataChunk, VARCHAR } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { writeStrings } from '../../src/engine/vector-strings.ts';
import { columnVector } from '../../src/engine/vectors.ts';

function chunk(count: number): DuckDBDataChunk {
  return DuckDBDataChunk.create([VARCHAR], count);
}

test('strings of every length around the 12 bytes of a cell are written', () => {
  const texts = Array.from({ length: 30 }, (_, length) => 'abcdefghijklmnopqrstuvwxyz0123'.slice(0, length));
  const ends = texts.map((_, index) => (index * (index + 1)) / 2);
  const target = chunk(texts.length);
  writeStrings(columnVector(target, 0), {
    bytes: Buffer.from(texts.join('')),
    offsets: Float64Array.of(0, ...ends),
  });
  expect(target.getColumnValues(0)).toEqual(texts);
});

test('bytes that are not UTF-8 are an error, not a string made of what lay there before', () => {
  const target = chunk(1);
  const vector = columnVector(target, 0);
  writeStrings(vector, { bytes: Buffer.from('fourteen bytes'), offsets: Float64Array.of(0, 14) });
  const broken = { bytes: Buffer.from('fourteen byte\xff', 'latin1'), offsets: Float64Array.of(0, 14) };
  expect(() => writeStrings(vector, broken)).toThrow('not UTF-8');
});
