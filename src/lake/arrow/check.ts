import { isUtf8 } from 'node:buffer';
import { type Data, Type, type Vector } from 'apache-arrow';
import { ArrowProblem, damaged } from './problem.ts';
import { bytesOf, isText, isUtf8Type, isView, pieces, viewWords } from './strings.ts';

/**
 * Checks that every buffer of an Arrow array is as long as its rows need, that offsets, views and dictionary
 * entries stay inside what they point into, and that text is UTF-8. Arrow has no checksums and apache-arrow
 * looks at none of this; what passes can be copied by address.
 * @throws ArrowProblem naming the column
 */
export function checkColumn(data: Data, name: string): void {
  const { type, length } = data;
  if (length === 0 || type.typeId === Type.Null) return;
  if (data.nullCount > 0) needs(data.nullBitmap, (data.offset + length) / 8, name);
  if (type.typeId === Type.Bool) needs(data.values, (data.offset + length) / 8, name);
  else if (type.typeId === Type.Dictionary) checkDictionary(data, name);
  else if (isText(type)) checkText(data, name);
  else if (data.children.length > 0) checkNested(data, name);
  else needs(data.values, length * natural(data.stride, name), name);
}

function checkNested(data: Data, name: string): void {
  const [elements] = data.children;
  switch (data.typeId) {
    case Type.List:
    case Type.LargeList:
      checkOffsets(data, elements!.length, name);
      checkColumn(elements!, name);
      break;
    case Type.FixedSizeList:
      needs(elements, data.length * natural(data.stride, name), name);
      checkColumn(elements!, name);
      break;
    case Type.Map:
      checkOffsets(data, elements!.length, name);
      if (elements!.length > 0 && elements!.children[0]!.nullCount > 0) {
        throw new ArrowProblem(`column ${name} is a map with null keys`, 'write it as a list of structs');
      }
      checkFields(elements!, name);
      break;
    default:
      checkFields(data, name);
  }
}

function needs(buffer: { readonly length: number } | undefined, length: number, name: string): void {
  if ((buffer?.length ?? 0) < length) throw damaged(`column ${name} is shorter than its rows`);
}

function natural(size: number, name: string): number {
  if (!(size >= 0)) throw damaged(`column ${name} has values of negative size`);
  return size;
}

function checkFields(data: Data, name: string): void {
  for (const [index, child] of data.children.entries()) {
    needs(child, data.length, name);
    checkColumn(child, `${name}.${data.type.children[index]?.name}`);
  }
}

function checkOffsets({ length, valueOffsets }: Data, end: number, name: string): void {
  needs(valueOffsets, length + 1, name);
  const rises = rising(valueOffsets, length);
  if (!rises || Number(valueOffsets[0]) < 0 || Number(valueOffsets[length]) > end) {
    throw damaged(`column ${name} has offsets outside its values`);
  }
}

function rising(offsets: Int32Array | BigInt64Array, length: number): boolean {
  for (let row = 0; row < length; row++) if (offsets[row + 1]! < offsets[row]!) return false;
  return true;
}

function checkViews(data: Data, name: string): void {
  needs(data.values, data.length * 16, name);
  const words = viewWords(data.values);
  for (let row = 0; row < data.length; row++) {
    const length = words[row * 4]!;
    if ((length >= 0 && length <= 12) || !data.getValid(row)) continue;
    const buffer = data.variadicBuffers[words[row * 4 + 2]!];
    const start = words[row * 4 + 3]!;
    if (length < 0 || buffer === undefined || start < 0 || start + length > buffer.length) {
      throw damaged(`column ${name} has views outside its values`);
    }
  }
}

function checkText(data: Data, name: string): void {
  if (isView(data.typeId)) checkViews(data, name);
  else if (data.typeId === Type.FixedSizeBinary)
    needs(data.values, data.length * natural(data.stride, name), name);
  else checkOffsets(data, bytesOf(data).length, name);
  if (isUtf8Type(data.type) && !isWholeUtf8(data)) checkEachText(data, name);
}

function checkEachText(data: Data, name: string): void {
  const piece = pieces(data);
  for (let row = 0; row < data.length; row++) {
    if (!data.getValid(row) || isUtf8(piece(row))) continue;
    throw new ArrowProblem(
      `column ${name} holds text that is not UTF-8, first in row ${row + 1} of a batch`,
      'write the column as binary, or in UTF-8',
    );
  }
}

/** Whether an array's bytes are UTF-8 as one, and each row starts where a character does: far faster than row by row. */
function isWholeUtf8(data: Data): boolean {
  const { valueOffsets, length, type } = data;
  if (isView(type.typeId)) return false;
  const first = Number(valueOffsets[0]);
  const bytes = bytesOf(data).subarray(first, Number(valueOffsets[length]));
  if (!isUtf8(bytes)) return false;
  for (let row = 1; row < length; row++) {
    const start = Number(valueOffsets[row]) - first;
    if (start < bytes.length && (bytes[start]! & 0xc0) === 0x80) return false;
  }
  return true;
}

const checked = new WeakSet<Vector>();

function checkDictionary(data: Data, name: string): void {
  const { dictionary, values } = data;
  needs(values, data.length, name);
  if (dictionary === undefined) throw damaged(`column ${name} lacks its dictionary`);
  if (!checked.has(dictionary)) {
    for (const entries of dictionary.data) checkColumn(entries, name);
    checked.add(dictionary);
  }
  for (let row = 0; row < data.length; row++) {
    const entry = values[row]!;
    if ((entry < 0 || entry >= dictionary.length) && data.getValid(row)) {
      throw damaged(`column ${name} has entries outside its dictionary`);
    }
  }
}
