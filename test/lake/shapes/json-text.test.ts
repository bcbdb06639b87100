import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonHead } from '../../../src/lake/json/json-layout.ts';
import { elements, endOfValue, members } from '../../../src/lake/json/json-text.ts';
import { jsonLines, jsonValues, largestValue, longestLine } from '../../../src/lake/json/json-values.ts';

const document = fc.oneof(
  fc.dictionary(fc.string(), fc.jsonValue()),
  fc.dictionary(
    fc.constantFrom('a', '"', '\\', '{', ']', 'records', 'ä'),
    fc.constantFrom('}', '"', '\\', [], {}, 1, null),
  ),
);
const indent = fc.constantFrom(0, 1, 2);

describe('members', () => {
  test('of a whole object are those that JSON.parse gives', () => {
    fc.assert(
      fc.property(document, indent, (object, spaces) => {
        const text = JSON.stringify(object, null, spaces);
        const found = [...members(text, 0)].map(({ key, start, end }) => [
          key,
          JSON.parse(text.slice(start, end)),
        ]);
        expect(found).toEqual(Object.entries(JSON.parse(text) as object));
        expect(endOfValue(`${text} `, 0)).toBe(text.length);
      }),
    );
  });

  test('of an object that is cut off are the first of them, the last without an end', () => {
    fc.assert(
      fc.property(document, fc.double({ min: 0, max: 1, noNaN: true }), (object, part) => {
        const text = JSON.stringify(object);
        const cut = text.slice(0, Math.floor(text.length * part));
        const [whole, found] = [[...members(text, 0)], [...members(cut, 0)]];
        expect(found.map(({ key }) => key)).toEqual(whole.slice(0, found.length).map(({ key }) => key));
        expect(found.slice(0, -1)).toEqual(whole.slice(0, Math.max(0, found.length - 1)));
      }),
    );
  });
});

test('elements of an array are where JSON.parse finds them', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), indent, (array, spaces) => {
      const text = JSON.stringify(array, null, spaces);
      const starts = [...elements(text, 0)];
      expect(
        starts.map((start) => JSON.parse(text.slice(start, endOfValue(text, start))) as unknown),
      ).toEqual(JSON.parse(text));
    }),
  );
});

/** Text in pieces of a few bytes. */
async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function texts(values: AsyncIterable<{ line: number; bytes: Uint8Array }>): Promise<string[]> {
  const all: string[] = [];
  for await (const { bytes } of values) all.push(Buffer.from(bytes).toString());
  return all;
}

describe('values in a stream, whatever the pieces it comes in', () => {
  const objects = fc.array(document, { minLength: 1, maxLength: 4 });
  const size = fc.integer({ min: 1, max: 9 });

  test('one after another, in an array, in the arrays of records objects', async () => {
    await fc.assert(
      fc.asyncProperty(objects, indent, size, async (list, spaces, bytes) => {
        const expected = list.map((each) => JSON.parse(JSON.stringify(each)) as unknown);
        const parsed = async (text: string, depth: number) =>
          (await texts(jsonValues(pieces(text, bytes), depth))).map((each) => JSON.parse(each) as unknown);
        const each = list.map((object) => JSON.stringify(object, null, spaces));
        expect(await parsed(each.join(''), 0)).toEqual(expected);
        expect(await parsed(JSON.stringify(list, null, spaces), 1)).toEqual(expected);
        expect(await parsed(JSON.stringify({ time: 'x', records: list }, null, spaces), 2)).toEqual(expected);
        const largest = Math.max(...each.map((text) => Buffer.byteLength(text)));
        expect(await largestValue(pieces(each.join('\n'), bytes))).toBe(largest);
      }),
      { numRuns: 60 },
    );
  });

  test('lines', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string(), { minLength: 1 }), size, async (list, bytes) => {
        const clean = list.map((text) => text.replaceAll('\n', ''));
        const text = clean.map((line) => `${line}\n`).join('');
        expect(await texts(jsonLines(pieces(text, bytes)))).toEqual(clean);
        expect(await longestLine(pieces(text, bytes))).toBe(
          Math.max(...clean.map((line) => Buffer.byteLength(line))),
        );
      }),
      { numRuns: 60 },
    );
  });
});

describe('the layout of a file', () => {
  test.each([
    ['{"a":1}\n{"a":2}\n', 'newline_delimited', undefined, 2],
    ['{"a":1}', 'newline_delimited', undefined, 1],
    ['\n  {"a":1}\n\n{"a":2}', 'newline_delimited', undefined, 2],
    ['{"a":\n{"a":2}\n{"a":3}\n', 'newline_delimited', undefined, 3],
    ['{"a":"cut off in its only li', 'newline_delimited', undefined, 1],
    ['[{"a":1},\n{"a":2}]', 'array', undefined, 2],
    ['[]', 'array', undefined, 0],
    ['', 'newline_delimited', undefined, 0],
    ['{\n"a":1\n}\n{\n"a":2\n}', 'unstructured', undefined, 2],
    ['{"a":1}{"a":2}', 'unstructured', undefined, 2],
    ['{"records":[{"a":1},{"a":2}', 'newline_delimited', 'records', 2],
    ['{"records":[{"a":1}]}\n{"records":[{"a":2},{"a":3}]}\n', 'newline_delimited', 'records', 3],
    ['{\n"records":[\n{"a":1}\n]\n}', 'unstructured', 'records', 1],
    ['{"records":1}', 'newline_delimited', undefined, 1],
  ])('%j', (text, layout, wrapped, records) => {
    const head = jsonHead(text, false);
    expect({ layout: head.layout, wrapped: head.wrapped, records: head.records.length }).toEqual({
      layout,
      wrapped,
      records,
    });
  });
});
