import type { Json } from './values.ts';

/**
 * A value's JSON, however deep it is: a hostile record has as many brackets in one another as bytes, which the engine
 * and JSON.parse take, and JSON.stringify, one call of itself a level, gives up at some thousands.
 */
export function jsonTextOf(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return deepText(value);
  }
}

/** Of text, what is still to be written as it stands; of a value, what is still to be taken apart. */
type Left = { readonly text: string } | { readonly value: Json };

function deepText(value: Json): string {
  const pieces: string[] = [];
  const left: Left[] = [{ value }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if ('text' in next) pieces.push(next.text);
    else if (next.value === null || typeof next.value !== 'object') pieces.push(JSON.stringify(next.value));
    else for (const part of partsOf(next.value).reverse()) left.push(part);
  }
  return pieces.join('');
}

function partsOf(value: Json[] | { [key: string]: Json }): Left[] {
  const comma = (index: number) => (index === 0 ? '' : ',');
  const members = Array.isArray(value)
    ? value.flatMap((item, index): Left[] => [{ text: comma(index) }, { value: item }])
    : Object.entries(value).flatMap(([key, item], index): Left[] => [
        { text: `${comma(index)}${JSON.stringify(key)}:` },
        { value: item },
      ]);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return [{ text: open! }, ...members, { text: close! }];
}
