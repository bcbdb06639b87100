import { readFileSync } from 'node:fs';

const texts = new Map<string, string>();

/** The text of `sql/telemetry/<name>.sql`, less the line ends behind it. */
export function telemetrySql(name: string): string {
  let text = texts.get(name);
  if (text === undefined) {
    text = readFileSync(new URL(`../../../sql/telemetry/${name}.sql`, import.meta.url), 'utf8').trimEnd();
    texts.set(name, text);
  }
  return text;
}

/**
 * A query of sql/telemetry over the relations that it names, as a query: `inputs` gives each relation's SELECT.
 * The query stands in brackets of its own, since DuckDB takes no WITH behind another.
 */
export function queryOver(inputs: Readonly<Record<string, string>>, query: string): string {
  const relations = Object.entries(inputs).map(([name, select]) => `${name} AS (\n${select}\n)`);
  return `WITH ${relations.join(',\n')}\nSELECT * FROM (\n${query}\n)`;
}
