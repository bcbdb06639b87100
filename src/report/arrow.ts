import { type FileHandle, open } from 'node:fs/promises';
import {
  AsyncByteQueue,
  Message,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  type Schema,
  Struct,
  Table,
} from 'apache-arrow';
import type { ResultStream } from '../engine/result.ts';
import { columnVector, vectorRows } from '../engine/vectors.ts';
import { MerganserError } from '../error.ts';
import { type ColumnBuilder, columnBuilder } from './arrow/columns.ts';
import { arrowSchema } from './arrow/types.ts';

/** The rows as an Arrow table, in batches of 65,536 rows; for the types, see {@link arrowSchema}. */
export async function arrowTable(result: ResultStream): Promise<Table> {
  const schema = arrowSchema(result.columns);
  const batches: RecordBatch[] = [];
  for await (const batch of recordBatches(result, schema)) batches.push(batch);
  return new Table(schema, batches);
}

/**
 * Writes the rows as an Arrow IPC file (Feather version 2, not compressed), batch by batch: memory holds one
 * batch of 65,536 rows. https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format
 * Where the file cannot be written, a part of it may then be there.
 */
export async function writeArrow(result: ResultStream, path: string): Promise<void> {
  const schema = arrowSchema(result.columns);
  const file = await open(path, 'w');
  try {
    const pieces = new Pieces();
    const writer = new FileWriter();
    writer.reset(pieces, schema);
    for await (const batch of recordBatches(result, schema)) {
      writer.write(batch);
      await append(file, pieces.take());
    }
    writer.close();
    await append(file, pieces.take());
  } finally {
    await file.close();
  }
}

const BATCH_ROWS = 65_536;
const STEP_ROWS = 2_048;
/** Of one column. Arrow's offsets end at 2 GiB; so does, about, a step over this. */
const BATCH_BYTES = 2 ** 28;

/** Batches end after the same rows however the engine cuts its chunks: the same rows give the same bytes. */
async function* recordBatches(result: ResultStream, schema: Schema): AsyncGenerator<RecordBatch> {
  const builders = result.columns.map(columnBuilder);
  let rows = 0;
  for await (const chunk of result.chunks()) {
    const size = chunk.rowCount;
    for (let from = 0; from < size; ) {
      const count = Math.min(size - from, STEP_ROWS - (rows % STEP_ROWS));
      for (const [index, builder] of builders.entries()) {
        fitting(result.columns[index]!.name, () =>
          builder.append(vectorRows(columnVector(chunk, index), from, count)),
        );
      }
      from += count;
      rows += count;
      if (rows === BATCH_ROWS || (rows % STEP_ROWS === 0 && builders.some(isLarge))) {
        yield finish(builders, schema, rows);
        rows = 0;
      }
    }
  }
  if (rows > 0) yield finish(builders, schema, rows);
}

function isLarge({ byteLength }: ColumnBuilder): boolean {
  return byteLength >= BATCH_BYTES;
}

function finish(builders: readonly ColumnBuilder[], schema: Schema, length: number): RecordBatch {
  const children = builders.map((builder) => builder.finish());
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
  );
}

function fitting(column: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new MerganserError(`column ${column} cannot be written as Arrow: ${cause.message}`, {
      hint: 'write the result as json, jsonl or csv, or convert the column in the query',
      cause,
    });
  }
}

/** apache-arrow's writer leaves out the schema that opens the stream inside a file, which the format has. */
class FileWriter extends RecordBatchFileWriter {
  protected override _writeSchema(schema: Schema): this {
    return super._writeSchema(schema)._writeMessage(Message.from(schema));
  }
}

/** What the writer has written and nobody has fetched. */
class Pieces extends AsyncByteQueue {
  take(): Uint8Array[] {
    return this._values.splice(0);
  }
}

async function append(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) await file.writeFile(piece);
}
