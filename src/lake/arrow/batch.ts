import {
  CompressionType,
  type Message,
  makeData,
  RecordBatch,
  type Schema,
  Struct,
  Vector,
} from 'apache-arrow';
import type { DictionaryBatch, RecordBatch as Header } from 'apache-arrow/ipc/metadata/message';
import { VectorLoader } from 'apache-arrow/visitor/vectorloader';
import { checkColumn } from './check.ts';
import { type Decode, decoder } from './codecs.ts';
import { damaged } from './problem.ts';

/** The dictionaries that the messages read so far have defined, by their numbers. */
export type Dictionaries = Map<number, Vector>;

/** The rows of a record batch message; every buffer of them has been checked against its column's type. */
export async function recordBatch(
  message: Message,
  body: Uint8Array,
  schema: Schema,
  dictionaries: Dictionaries,
): Promise<RecordBatch> {
  const header = message.header() as Header;
  const children = await load(header, body, schema, dictionaries, schema.fields);
  for (const [index, column] of children.entries()) {
    const { name } = schema.fields[index]!;
    if (column.length !== header.length) throw damaged(`column ${name} has another length than its batch`);
    checkColumn(column, name);
  }
  const data = makeData({ type: new Struct(schema.fields), length: header.length, nullCount: 0, children });
  return new RecordBatch(schema, data, message.metadata);
}

/** Takes in a dictionary message: a new dictionary, another one in its place, or more entries of it (a delta). */
export async function addDictionary(
  message: Message,
  body: Uint8Array,
  schema: Schema,
  dictionaries: Dictionaries,
): Promise<void> {
  const { id, isDelta, data } = message.header() as DictionaryBatch;
  const type = schema.dictionaries.get(id);
  if (type === undefined) throw damaged(`no column uses dictionary ${id}`);
  const entries = new Vector(await load(data, body, schema, dictionaries, [type]));
  const known = dictionaries.get(id);
  dictionaries.set(id, isDelta && known !== undefined ? known.concat(entries) : entries);
}

async function load(
  header: Header,
  body: Uint8Array,
  schema: Schema,
  dictionaries: Dictionaries,
  types: Parameters<VectorLoader['visitMany']>[0],
): Promise<ReturnType<VectorLoader['visitMany']>> {
  for (const { length, nullCount } of header.nodes) {
    if (!(nullCount >= 0 && nullCount <= length)) throw damaged('more nulls than rows');
  }
  for (const { offset, length } of header.buffers) {
    if (!(offset >= 0 && length >= 0 && offset + length <= body.length))
      throw damaged('a buffer outside its batch');
  }
  const { bytes, buffers } =
    header.compression === null ? { bytes: body, buffers: header.buffers } : await decompressed(header, body);
  const counts = header.variadicBufferCounts;
  return new VectorLoader(
    bytes,
    header.nodes,
    buffers,
    dictionaries,
    schema.metadataVersion,
    counts,
  ).visitMany(types);
}

type Region = Header['buffers'][number];

/** Each buffer of a compressed body is its length in 8 bytes, −1 for one that is stored as it is, and a frame. */
async function decompressed(
  header: Header,
  body: Uint8Array,
): Promise<{ bytes: Uint8Array; buffers: Region[] }> {
  const codec = header.compression!.type;
  const decode = await decoder(codec);
  const parts = await Promise.all(header.buffers.map((region) => decompress(body, region, codec, decode)));
  const buffers: Region[] = [];
  let end = 0;
  for (const { length } of parts) {
    buffers.push({ offset: end, length });
    end += Math.ceil(length / 8) * 8;
  }
  const bytes = new Uint8Array(end);
  for (const [index, part] of parts.entries()) bytes.set(part, buffers[index]!.offset);
  return { bytes, buffers };
}

const PREFIX = 8;

async function decompress(
  body: Uint8Array,
  { offset, length }: Region,
  codec: CompressionType,
  decode: Decode,
): Promise<Uint8Array> {
  if (length === 0) return new Uint8Array(0);
  const size = Number(new DataView(body.buffer, body.byteOffset + offset, length).getBigInt64(0, true));
  const frame = body.subarray(offset + PREFIX, offset + length);
  if (size === -1) return frame;
  if (!(size >= 0 && size <= frame.length * RATIO[codec]))
    throw damaged('a compressed buffer of impossible size');
  const bytes = await decode(frame);
  if (bytes.length !== size) throw damaged('a compressed buffer has another size than it says');
  return bytes;
}

/** The most that a byte can become: LZ4 spends one on 255, Zstandard four on a block of 128 KiB. */
const RATIO: Record<CompressionType, number> = {
  [CompressionType.LZ4_FRAME]: 255,
  [CompressionType.ZSTD]: 2 ** 15,
};
