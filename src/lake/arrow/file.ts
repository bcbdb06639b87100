import { type FileHandle, open } from 'node:fs/promises';
import { MessageHeader, type RecordBatch, type Schema } from 'apache-arrow';
import { Footer } from 'apache-arrow/ipc/metadata/file';
import { addDictionary, type Dictionaries, recordBatch } from './batch.ts';
import { bodyOf, bytesAt, type Located, messageAt, truncated } from './message.ts';
import { type Block, checkFooter } from './metadata.ts';
import { ArrowProblem, damaged, lakeError } from './problem.ts';
import { engineTypes } from './types.ts';

/** An Arrow IPC file or stream on disk: its schema, and its batches, read one by one each time they are asked for. */
export interface ArrowFile {
  readonly schema: Schema;
  readonly batches: AsyncIterable<RecordBatch>;
}

/**
 * Opens an Arrow IPC file (`.arrow`, Feather version 2) or stream (`.arrows`), told apart by their first bytes,
 * with bodies as they are or compressed by LZ4 or Zstandard. One batch is in memory at a time.
 * https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
 * @throws LakeError naming the file, here or while reading batches, when it is something else, truncated,
 *   damaged, or holds what cannot be read (unions, run-end encoding, list views, big-endian values, and
 *   whatever else the engine has no type for)
 */
export async function readArrowFile(path: string): Promise<ArrowFile> {
  const { schema } = await opened(path, contents);
  await naming(path, async () => engineTypes(schema));
  return { schema, batches: { [Symbol.asyncIterator]: () => batches(path) } };
}

async function* batches(path: string): AsyncGenerator<RecordBatch> {
  const file = await naming(path, () => open(path));
  try {
    const { schema, messages } = await naming(path, () => contents(file));
    const dictionaries: Dictionaries = new Map();
    for (;;) {
      const batch = await naming(path, () => nextBatch(file, schema, messages, dictionaries));
      if (batch === undefined) return;
      yield batch;
    }
  } finally {
    await file.close();
  }
}

async function nextBatch(
  file: FileHandle,
  schema: Schema,
  messages: AsyncGenerator<Located>,
  dictionaries: Dictionaries,
): Promise<RecordBatch | undefined> {
  for (;;) {
    const { value: located, done } = await messages.next();
    if (done) return undefined;
    const body = await bodyOf(file, located);
    if (located.message.isRecordBatch()) return recordBatch(located.message, body, schema, dictionaries);
    await addDictionary(located.message, body, schema, dictionaries);
  }
}

/** The schema, and the messages behind it: dictionaries and record batches. */
interface Contents {
  readonly schema: Schema;
  readonly messages: AsyncGenerator<Located>;
}

const MAGIC = 'ARROW1';

async function contents(file: FileHandle): Promise<Contents> {
  const { size } = await file.stat();
  if (size === 0) throw new ArrowProblem('it is empty');
  const start = Buffer.from(await bytesAt(file, 0, Math.min(8, size), size)).toString('latin1');
  if (start.startsWith(MAGIC)) return fileContents(file, size);
  const known = Object.entries(OTHERS).find(([magic]) => start.startsWith(magic));
  if (known !== undefined) throw new ArrowProblem(...known[1]);
  return streamContents(file, size, start);
}

const OTHERS: Readonly<Record<string, [problem: string, hint: string]>> = {
  FEA1: [
    'it is Feather version 1',
    'write it again as Feather version 2 (pyarrow: write_feather(…, version=2))',
  ],
  PAR1: ['it is a Parquet file', 'name it .parquet'],
  PARE: ['it is an encrypted Parquet file', 'decrypt it first'],
};

async function streamContents(file: FileHandle, size: number, start: string): Promise<Contents> {
  const marked = start.startsWith('\xff\xff\xff\xff');
  const first = await messageAt(file, 0, size).catch((cause) => {
    if (marked) throw cause;
    throw new ArrowProblem('it is not Arrow IPC', NOT_ARROW);
  });
  if (first === undefined || !first.message.isSchema())
    throw new ArrowProblem('it is not Arrow IPC', NOT_ARROW);
  return { schema: first.message.header(), messages: streamMessages(file, first.end, size) };
}

const NOT_ARROW = 'write it as an Arrow IPC file or stream, or as Feather version 2';

/** An end mark takes 8 bytes, and some writers pad it. */
const AFTER_END = 16;

async function* streamMessages(file: FileHandle, start: number, size: number): AsyncGenerator<Located> {
  for (let offset = start; ; ) {
    const located = await messageAt(file, offset, size);
    if (located === undefined && size - offset <= AFTER_END) return;
    if (located === undefined || located.message.isSchema()) {
      throw new ArrowProblem('it holds more than one stream', 'write each table to its own file');
    }
    yield located;
    offset = located.end;
  }
}

/** The footer's length (4 bytes) and the magic word close a file. */
async function fileContents(file: FileHandle, size: number): Promise<Contents> {
  const tail = Buffer.from(await bytesAt(file, Math.max(size - 10, 0), Math.min(10, size), size));
  if (size < 18 || tail.toString('latin1', 4) !== MAGIC) throw truncated();
  const footerStart = size - 10 - tail.readInt32LE(0);
  const bytes = await bytesAt(file, footerStart, size - 10 - footerStart, size);
  const { dictionaries, recordBatches } = checkFooter(bytes);
  return {
    schema: Footer.decode(bytes).schema,
    messages: fileMessages(file, dictionaries, recordBatches, footerStart),
  };
}

/** In a file, the dictionaries may lie anywhere; they are read first. */
async function* fileMessages(
  file: FileHandle,
  dictionaries: readonly Block[],
  recordBatches: readonly Block[],
  end: number,
): AsyncGenerator<Located> {
  for (const block of dictionaries) yield messageOf(file, block, MessageHeader.DictionaryBatch, end);
  for (const block of recordBatches) yield messageOf(file, block, MessageHeader.RecordBatch, end);
}

async function messageOf(file: FileHandle, block: Block, kind: MessageHeader, end: number): Promise<Located> {
  const located = await messageAt(file, block.offset, end);
  if (located?.message.headerType !== kind) throw damaged('its footer leads to something else than a batch');
  return located;
}

async function opened<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  return naming(path, async () => {
    const file = await open(path);
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  });
}

async function naming<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw lakeError(cause, path);
  }
}
