import { mkdirSync, readFileSync } from 'node:fs';
import {
  Bool,
  type Data,
  Dictionary,
  Field,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Utf8,
  Utf8View,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { expect, test } from 'vitest';
import { LakeError } from '../../src/error.ts';
import { appendArrow, readArrowFile } from '../../src/lake/arrow/arrow.ts';
import { connect, temporaryFile, texts, written } from './engine.ts';

async function refusal(work: () => Promise<unknown>): Promise<LakeError> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(LakeError);
    return error as LakeError;
  }
  throw new Error('nothing was refused');
}

async function refusedFile(path: string): Promise<LakeError> {
  const connection = await connect();
  const error = await refusal(async () => {
    const { schema, batches } = await readArrowFile(path);
    await appendArrow(connection, 't', schema, batches, { file: path });
  });
  expect(error.file).toBe(path);
  expect(error.message).toContain(path);
  expect(await texts(connection, "SELECT * FROM duckdb_tables() WHERE table_name = 't'")).toEqual([]);
  return error;
}

test.each([
  ['pyarrow-union.arrow', 'column c is a union'],
  ['pyarrow-run-end-encoded.arrow', 'column c is run-end encoded'],
  ['pyarrow-list-view.arrow', 'column c is a list view'],
  ['pyarrow-decimal-of-50-digits.arrow', 'column c is a decimal of 50 digits, 2 of them behind the point'],
  ['pyarrow-negative-scale.arrow', 'column c is a decimal of 4 digits, -2 of them behind the point'],
  ['pyarrow-dictionary-of-lists.arrow', 'column c is a dictionary of List<Int64>'],
  ['pyarrow-tensor.arrows', 'it holds a message that is neither schema, dictionary nor record batch'],
  ['big-endian.arrows', 'its values are big-endian'],
])('%s is refused by name, with a way out', async (name, why) => {
  const error = await refusedFile(written(name));
  expect(error.message).toBe(`cannot read ${written(name)}: ${why}`);
  expect(error.hint).toBeTruthy();
});

test.each(['pyarrow-union.arrow', 'pyarrow-decimal-of-50-digits.arrow', 'pyarrow-dictionary-of-lists.arrow'])(
  '%s is refused on opening, before any row is read',
  async (name) => {
    expect((await refusal(() => readArrowFile(written(name)))).file).toBe(written(name));
  },
);

test.each([
  ['Feather version 1', 'FEA1\0\0\0\0\0\0\0\0FEA1', 'it is Feather version 1'],
  ['Parquet', 'PAR1....PAR1', 'it is a Parquet file'],
  ['encrypted Parquet', 'PARE....PARE', 'it is an encrypted Parquet file'],
  ['text', '{"Timestamp": "2026-01-31"}\n', 'it is not Arrow IPC'],
  ['three bytes', 'abc', 'it is not Arrow IPC'],
  ['nothing', '', 'it is empty'],
  ['a magic word alone', 'ARROW1', 'it is truncated'],
])('a file of %s says what it is', async (_, bytes, why) => {
  const path = temporaryFile('x.arrow', bytes);
  expect((await refusedFile(path)).message).toBe(`cannot read ${path}: ${why}`);
});

test('a file that is not there, and a folder, are named', async () => {
  const missing = temporaryFile('missing.arrow');
  expect((await refusedFile(missing)).message).toBe(`cannot read ${missing}: there is no such file`);
  mkdirSync(missing);
  expect((await refusedFile(missing)).message).toBe(`cannot read ${missing}: it is a folder`);
});

test('a stream cut inside its last batch gives no table', async () => {
  const whole = readFileSync(written('pyarrow-stream.arrows'));
  const path = temporaryFile('cut.arrows', whole.subarray(0, whole.length - 100));
  expect((await refusedFile(path)).message).toBe(`cannot read ${path}: it is truncated`);
});

test('two streams in one file are refused: nothing of the second may be lost', async () => {
  const stream = readFileSync(written('pyarrow-stream.arrows'));
  const path = temporaryFile('two.arrows', Buffer.concat([stream, stream]));
  expect((await refusedFile(path)).message).toBe(`cannot read ${path}: it holds more than one stream`);
});

test('a file without its last byte is truncated, whatever it holds', async () => {
  const whole = readFileSync(written('pyarrow-default.feather'));
  const path = temporaryFile('cut.feather', whole.subarray(0, whole.length - 1));
  expect((await refusedFile(path)).message).toBe(`cannot read ${path}: it is truncated`);
});

const numbers = vectorFromArray([1, 2, 3], new Int32());

function tableOf(names: readonly string[]): Table {
  const fields = names.map((name) => new Field(name, new Int32(), true));
  const children = names.map(() => numbers.data[0]!);
  const data = makeData({ type: new Struct(fields), length: 3, nullCount: 0, children });
  return new Table(new RecordBatch(new Schema(fields), data));
}

test.each([
  [[], 'cannot read the Arrow table: it has no columns'],
  [['a', 'b', 'A'], 'cannot read the Arrow table: it has two columns of one name: a and A'],
  [['a', ''], 'cannot read the Arrow table: it has a column without a name that SQL can write'],
  [['a\0b'], 'cannot read the Arrow table: it has a column without a name that SQL can write'],
])('a table with the columns %j is refused', async (names, why) => {
  const connection = await connect();
  const { schema, batches } = tableOf(names);
  expect((await refusal(() => appendArrow(connection, 't', schema, batches))).message).toBe(why);
});

test('batches of another schema are refused, and leave no table', async () => {
  const connection = await connect();
  const { schema } = tableOf(['a']);
  const other = new Table({ a: vectorFromArray(['x']) });
  const error = await refusal(() => appendArrow(connection, 't', schema, other.batches));
  expect(error.message).toBe('cannot read the Arrow table: its batches differ from its schema');
  expect(await texts(connection, "SELECT * FROM duckdb_tables() WHERE table_name = 't'")).toEqual([]);
});

/** A column `s` of text made of raw buffers. */
function textBatch(bytes: Uint8Array, offsets: readonly number[]): RecordBatch {
  const fields = [new Field('s', new Utf8(), true)];
  const length = offsets.length - 1;
  const text = makeData({ type: new Utf8(), length, valueOffsets: Int32Array.from(offsets), data: bytes });
  const data = makeData({ type: new Struct(fields), length, nullCount: 0, children: [text] });
  return new RecordBatch(new Schema(fields), data);
}

test.each([
  ['beyond the text', [0, 18, 1_000_000]],
  ['backwards', [0, 18, 3]],
  ['before the text', [-1_000_000, 3, 18]],
])('offsets that lead %s are refused, not followed', async (_, offsets) => {
  const connection = await connect();
  const batch = textBatch(Buffer.from('a long enough text'), offsets);
  const error = await refusal(() => appendArrow(connection, 't', batch.schema, [batch]));
  expect(error.message).toContain('column s has offsets outside its values');
});

async function refusedColumn(column: Data): Promise<string> {
  const connection = await connect();
  const { schema, batches } = new Table({ c: new Vector([column]) });
  return (await refusal(() => appendArrow(connection, 't', schema, batches))).message;
}

test('views that lead outside their buffers are refused, not followed', async () => {
  const view = (length: number, buffer: number, start: number) =>
    makeData({
      type: new Utf8View(),
      length: 1,
      views: new Uint8Array(Int32Array.of(length, 0, buffer, start).buffer),
      variadicBuffers: [Buffer.from('a text of 20 letters')],
    });
  const outside = 'cannot read the Arrow table: it is damaged (column c has views outside its values)';
  expect(await refusedColumn(view(21, 0, 0))).toBe(outside);
  expect(await refusedColumn(view(20, 0, 1))).toBe(outside);
  expect(await refusedColumn(view(20, 1, 0))).toBe(outside);
  expect(await refusedColumn(view(13, 0, -1))).toBe(outside);
  expect(await refusedColumn(view(-1, 0, 0))).toBe(outside);
});

test('entries that a dictionary does not have are refused', async () => {
  const type = new Dictionary(new Utf8(), new Int32());
  const entry = (index: number) =>
    makeData({ type, length: 1, data: Int32Array.of(index), dictionary: vectorFromArray(['a'], new Utf8()) });
  const outside = 'cannot read the Arrow table: it is damaged (column c has entries outside its dictionary)';
  expect(await refusedColumn(entry(1))).toBe(outside);
  expect(await refusedColumn(entry(-1))).toBe(outside);
});

test('a buffer shorter than its rows is refused', async () => {
  const short = 'cannot read the Arrow table: it is damaged (column c is shorter than its rows)';
  expect(await refusedColumn(makeData({ type: new Int32(), length: 3, data: Int32Array.of(1, 2) }))).toBe(
    short,
  );
  expect(await refusedColumn(makeData({ type: new Bool(), length: 9, data: Uint8Array.of(1) }))).toBe(short);
  const nulls = { nullCount: 1, nullBitmap: Uint8Array.of(1) };
  expect(
    await refusedColumn(makeData({ type: new Int32(), length: 9, data: new Int32Array(9), ...nulls })),
  ).toBe(short);
});

test('text that is not UTF-8 is refused with its column and row', async () => {
  const connection = await connect();
  // As a whole the bytes are UTF-8, but one half of the é is in each of the last two rows.
  const batch = textBatch(Buffer.from('xaé'), [0, 1, 3, 4]);
  const error = await refusal(() => appendArrow(connection, 't', batch.schema, [batch]));
  expect(error.message).toBe(
    'cannot read the Arrow table: column s holds text that is not UTF-8, first in row 2 of a batch',
  );
});

test('an aborted load leaves no table and rejects with the reason', async () => {
  const connection = await connect();
  const { schema, batches } = tableOf(['a']);
  const stopped = AbortSignal.abort(new Error('stopped by hand'));
  await expect(appendArrow(connection, 't', schema, batches, { signal: stopped })).rejects.toThrow(
    'stopped by hand',
  );
  expect(await texts(connection, "SELECT * FROM duckdb_tables() WHERE table_name = 't'")).toEqual([]);
});
