/** The last step of the build: reads and checks the YAML of the shipped detections once for all, which no run has to do then. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { yaml } from '../../yaml.ts';
import { COMPILED_HEADERS } from './compiled-headers.ts';
import { headerText } from './detection-header.ts';
import { checkHeader } from './header-check.ts';

const SQL = new URL('../../../sql/', import.meta.url);

const headers: Record<string, unknown> = {};
for (const path of readdirSync(SQL, { recursive: true, encoding: 'utf8' })) {
  const text = path.endsWith('.sql') ? headerText(readFileSync(new URL(path, SQL), 'utf8')) : undefined;
  if (!text?.startsWith('\nid: ')) continue;
  headers[text] = yaml().parse(text);
  checkHeader(headers[text] as Record<string, unknown>, path);
}

writeFileSync(COMPILED_HEADERS, JSON.stringify(headers));
