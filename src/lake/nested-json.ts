import { quoteString } from '../dialect/duckdb/quote.ts';
import { instantOf } from './instant.ts';

/**
 * SQL of a value as JSON, as Kusto's dynamic holds it: instants in ISO 8601 with seven digits, what is no number (NaN,
 * the infinities) as text. The engine's `to_json` alone writes instants as SQL does, and NaN as no JSON can. Each value of a
 * VARIANT has a type of its own, so that its JSON is the engine's.
 * https://learn.microsoft.com/kusto/query/scalar-data-types/dynamic
 *
 * @param type DuckDB's text of the value's type
 */
export function jsonOf(value: string, type: string, depth = 1): string {
  if (!/\b(TIMESTAMP|DATE|FLOAT|DOUBLE|VARIANT)/i.test(type)) return `to_json(${value})`;
  const item = `item_${depth}`;
  const element = /^(.*)\[\d*\]$/s.exec(type)?.[1];
  if (element !== undefined) {
    const list = `list_transform((${value})::${element}[], lambda ${item}: ${jsonOf(item, element, depth + 1)})`;
    return unlessNull(value, `to_json(${list})`);
  }
  const [, kind, inner] = /^(STRUCT|MAP)\((.*)\)$/is.exec(type) ?? [];
  if (kind?.toUpperCase() === 'STRUCT') return unlessNull(value, structJson(value, parts(inner!), depth));
  if (kind?.toUpperCase() === 'MAP') return unlessNull(value, mapJson(value, parts(inner!)[1]!, item, depth));
  return scalarJson(value, type.toUpperCase());
}

function unlessNull(value: string, json: string): string {
  return `CASE WHEN ${value} IS NOT NULL THEN ${json} END`;
}

function structJson(value: string, fields: readonly string[], depth: number): string {
  const members = fields.map((field) => {
    const [written] = /^(?:"(?:[^"]|"")*"|\S+)/.exec(field)!;
    const name = quoteString(written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written);
    const type = field.slice(written.length).trim();
    return `${name}, ${jsonOf(`struct_extract(${value}, ${name})`, type, depth)}`;
  });
  return `json_object(${members.join(', ')})`;
}

function mapJson(value: string, type: string, item: string, depth: number): string {
  const member = jsonOf(`struct_extract(${item}, 'value')`, type, depth + 1);
  const entry = `struct_pack(name := struct_extract(${item}, 'key'), member := ${member})`;
  return `to_json(map_from_entries(list_transform(map_entries(${value}), lambda ${item}: ${entry})))`;
}

function scalarJson(value: string, type: string): string {
  if (type === 'FLOAT' || type === 'DOUBLE') {
    const name = `CASE WHEN isnan(${value}) THEN 'NaN' WHEN ${value} > 0 THEN 'Infinity' ELSE '-Infinity' END`;
    return `CASE WHEN isfinite(${value}) THEN to_json(${value}) WHEN ${value} IS NOT NULL THEN to_json(${name}) END`;
  }
  if (type === 'VARIANT') return unlessNull(value, `(${value})::JSON`);
  if (!/^(TIMESTAMP|DATE)/.test(type)) return `to_json(${value})`;
  return unlessNull(value, `to_json(strftime(${instantOf(value, type)}, '%Y-%m-%dT%H:%M:%S.%f0Z'))`);
}

/** What commas part, but for those within brackets and quotes. */
function parts(list: string): string[] {
  const found = [''];
  let depth = 0;
  for (const [token] of list.matchAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'|./gs)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (token === ',' && depth === 0) found.push('');
    else found[found.length - 1] += token;
  }
  return found.map((each) => each.trim());
}
