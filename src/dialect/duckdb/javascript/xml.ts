/** XML to JSON, as https://learn.microsoft.com/kusto/query/parse-xml-function has it. */
import { javascript } from '../../javascript-function.ts';

/** A number as it is written: `118.0` stays so. */
class Numeral {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Json = null | string | Numeral | Json[] | { [name: string]: Json };

function written(value: Json): string {
  if (value instanceof Numeral) return value.text;
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  if (value === null || typeof value === 'string') return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, member]) => `${JSON.stringify(name)}:${written(member)}`)
    .join(',')}}`;
}

interface Element {
  readonly name: string;
  readonly members: Map<string, Json[]>;
}

/** https://www.w3.org/TR/xml/#NT-Name */
const NAME_START =
  ':A-Z_a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d\\u2070-\\u218f\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd\\u{10000}-\\u{effff}';
const NAME = `[${NAME_START}][${NAME_START}\\-.\\d\\u00b7\\u0300-\\u036f\\u203f\\u2040]*`;
const QUOTED = `"([^"<]*)"|'([^'<]*)'`;
const TOKEN = new RegExp(
  [
    '<!--[\\s\\S]*?-->',
    '<!\\[CDATA\\[(?<cdata>[\\s\\S]*?)\\]\\]>',
    '<\\?[\\s\\S]*?\\?>',
    '<!DOCTYPE[^>[]*(?:\\[[^\\]]*\\])?[^>]*>',
    `</(?<closing>${NAME})\\s*>`,
    `<(?<opening>${NAME})(?<attributes>(?:\\s+${NAME}\\s*=\\s*(?:${QUOTED}))*)\\s*(?<empty>/?)>`,
    '(?<characters>[^<]+)',
  ].join('|'),
  'uy',
);
const ATTRIBUTE = new RegExp(`(${NAME})\\s*=\\s*(?:${QUOTED})`, 'gu');
const ENTITIES: Readonly<Partial<Record<string, string>>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};
const MAX_LENGTH = 1_048_576;

/** Null for text that is no XML. */
function parsed(text: string): Json {
  if (text.length > MAX_LENGTH) return null;
  const root: Element = { name: '', members: new Map() };
  const open = [root];
  TOKEN.lastIndex = 0;
  const source = text.trim();
  while (TOKEN.lastIndex < source.length) {
    const found = TOKEN.exec(source);
    if (!found) return null;
    const { cdata, closing, opening, attributes = '', empty, characters = '' } = found.groups!;
    const inner = open.at(-1)!;
    if (closing !== undefined) {
      if (open.length < 2 || inner.name !== closing) return null;
      open.pop();
      put(open.at(-1)!, closing, elementValue(inner));
    } else if (opening !== undefined) {
      const made = opened(opening, attributes);
      if (!made) return null;
      if (empty) put(inner, opening, elementValue(made));
      else open.push(made);
    } else {
      if (!isText(characters) || characters.includes(']]>')) return null;
      const plain = (cdata ?? decoded(characters)).trim();
      if (plain && open.length === 1) return null;
      if (plain) put(inner, '#text', numberOrText(plain));
    }
  }
  return open.length === 1 && [...root.members.values()].flat().length === 1 ? bag(root) : null;
}

/** Undefined where an attribute stands twice or its value is no text. */
function opened(name: string, attributes: string): Element | undefined {
  const made: Element = { name, members: new Map() };
  for (const [, attribute, double, single] of attributes.matchAll(ATTRIBUTE)) {
    const value = double ?? single ?? '';
    if (made.members.has(`@${attribute}`) || !isText(value)) return undefined;
    put(made, `@${attribute}`, decoded(value));
  }
  return made;
}

function put(element: Element, name: string, value: Json): void {
  const known = element.members.get(name);
  if (known) known.push(value);
  else element.members.set(name, [value]);
}

const bag = ({ members }: Element): Json =>
  Object.fromEntries([...members].map(([name, values]) => [name, values.length === 1 ? values[0]! : values]));

/** An element with nothing but text is the text; with nothing at all, null. */
function elementValue(element: Element): Json {
  const { members } = element;
  if (members.size === 0) return null;
  const text = members.get('#text');
  return members.size === 1 && text?.length === 1 ? text[0]! : bag(element);
}

/** The page's example has its numbers as numbers; those that JSON would write otherwise stay texts. */
const numberOrText = (text: string): Json =>
  /^-?(0|[1-9]\d{0,14})(\.\d{1,6})?$/.test(text) ? new Numeral(text) : text;

const REFERENCE = /&(?:#(\d+)|#x([\da-fA-F]+)|(\w+));/g;

/** Every & begins a reference to something. */
function isText(text: string): boolean {
  const references = [...text.matchAll(REFERENCE)];
  return (
    references.length === text.split('&').length - 1 &&
    references.every((each) => referred(each) !== undefined)
  );
}

const decoded = (text: string): string =>
  text.replace(REFERENCE, (...found: string[]) => referred(found) ?? found[0]!);

function referred([, decimal, hex, name]: readonly (string | undefined)[]): string | undefined {
  if (name !== undefined) return ENTITIES[name];
  const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal);
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}

export const xmlFunctions = [
  javascript('parse_xml', 'VARCHAR', 'VARCHAR', (text: string) => {
    const found = parsed(text);
    return found === null ? null : written(found);
  }),
];
