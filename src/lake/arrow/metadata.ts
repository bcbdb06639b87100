import { MessageHeader, Type } from 'apache-arrow';
import { type FlatTable, rootTable } from './flatbuffer.ts';
import { ArrowProblem, damaged } from './problem.ts';

/** Where a message lies in an IPC file. */
export interface Block {
  readonly offset: number;
  readonly bodyLength: number;
}

/**
 * Walks the metadata of a message before apache-arrow decodes it. That decoder reads past the end of its bytes
 * as zeros and believes every length, so that one wrong byte can keep it busy for hours; here each table and
 * vector must lie inside the bytes. Also refuses, by name, what cannot be read.
 * https://github.com/apache/arrow/blob/main/format/Message.fbs
 */
export function checkMessage(metadata: Uint8Array): void {
  const message = rootTable(metadata);
  checkPairs(message, 4);
  const header = message.table(2);
  switch (message.uint8(1)) {
    case MessageHeader.Schema:
      checkSchema(required(header));
      break;
    case MessageHeader.DictionaryBatch:
      checkRecordBatch(required(required(header).table(1)));
      break;
    case MessageHeader.RecordBatch:
      checkRecordBatch(required(header));
      break;
    default:
      throw new ArrowProblem(
        'it holds a message that is neither schema, dictionary nor record batch',
        'tensors cannot be read: write the data as a table',
      );
  }
}

/** Checks a file's footer as {@link checkMessage} does, and gives where its batches are. https://github.com/apache/arrow/blob/main/format/File.fbs */
export function checkFooter(metadata: Uint8Array): { dictionaries: Block[]; recordBatches: Block[] } {
  const footer = rootTable(metadata);
  checkSchema(required(footer.table(1)));
  checkPairs(footer, 4);
  return { dictionaries: blocks(footer, 2), recordBatches: blocks(footer, 3) };
}

function blocks(footer: FlatTable, id: number): Block[] {
  const { count, at } = footer.vector(id, 24);
  return Array.from({ length: count }, (_, index) => ({
    offset: footer.int64At(at + index * 24),
    bodyLength: footer.int64At(at + index * 24 + 16),
  }));
}

const BIG_ENDIAN = 1;
/** More than any table has; a schema that shares its parts can claim far more fields than it has bytes. */
const MOST_FIELDS = 100_000;

/** https://github.com/apache/arrow/blob/main/format/Schema.fbs */
function checkSchema(schema: FlatTable): void {
  if (schema.int16(0) === BIG_ENDIAN) {
    throw new ArrowProblem('its values are big-endian', 'write it again on a little-endian machine');
  }
  checkPairs(schema, 2);
  let fields = 0;
  const check = (field: FlatTable, path: string) => {
    if (++fields > MOST_FIELDS) throw damaged('more fields than a schema can have');
    const name = path === '' ? field.string(0) : `${path}.${field.string(0)}`;
    checkType(field, name);
    checkPairs(field, 6);
    for (const child of field.tables(5)) check(child, name);
  };
  for (const field of schema.tables(1)) check(field, '');
}

const RUN_END_ENCODED = 22;
const LIST_VIEWS = [25, 26];
const LAST_TYPE = 26;

function checkType(field: FlatTable, name: string): void {
  const type = field.uint8(2);
  const refused = (what: string, hint: string) => new ArrowProblem(`column ${name} is ${what}`, hint);
  if (type === Type.Union) throw refused('a union', 'write it as a struct or as JSON text');
  if (type === RUN_END_ENCODED) throw refused('run-end encoded', 'decode it before writing');
  if (LIST_VIEWS.includes(type)) throw refused('a list view', 'cast it to a list before writing');
  if (type > LAST_TYPE) throw refused(`of type number ${type}, which is not known`, 'cast it before writing');
}

/** https://github.com/apache/arrow/blob/main/format/Message.fbs, `RecordBatch` */
function checkRecordBatch(batch: FlatTable): void {
  batch.vector(1, 16);
  batch.vector(2, 16);
  batch.vector(4, 8);
}

function checkPairs(table: FlatTable, id: number): void {
  for (const pair of table.tables(id)) {
    pair.string(0);
    pair.string(1);
  }
}

function required(table: FlatTable | undefined): FlatTable {
  if (table === undefined) throw damaged('a part of its metadata is missing');
  return table;
}
