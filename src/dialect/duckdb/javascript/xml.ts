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

const TOKEN =
  /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<!DOCTYPE[^>[]*(?:\[[^\]]*\])?[^>]*>|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/gy;
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
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
    const [, cdata, closing, opening, attributes, empty, characters] = found;
    const inner = open.at(-1)!;
    if (closing !== undefined) {
      if (open.length < 2 || inner.name !== closing) return null;
      open.pop();
      put(open.at(-1)!, closing, elementValue(inner));
    } else if (opening !== undefined) {
      const made: Element = { name: opening, members: new Map() };
      for (const [, name, double, single] of (attributes ?? '').matchAll(ATTRIBUTE))
        put(made, `@${name}`, decoded(double ?? single ?? ''));
      if (empty) put(inner, opening, elementValue(made));
      else open.push(made);
    } else {
      const plain = (cdata ?? decoded(characters ?? '')).trim();
      if (plain && open.length === 1) return null;
      if (plain) put(inner, '#text', numberOrText(plain));
    }
  }
  return open.length === 1 && [...root.members.values()].flat().length === 1 ? bag(root) : null;
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

const decoded = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name) return ENTITIES[name] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });

export const xmlFunctions = [
  javascript('parse_xml', 'VARCHAR', 'VARCHAR', (text: string) => {
    const found = parsed(text);
    return found === null ? null : written(found);
  }),
];
