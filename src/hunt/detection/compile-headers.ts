/** The last step of the build: reads the YAML of the shipped detections once for all, which no run has to do then. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { yaml } from '../../yaml.ts';
import { COMPILED_HEADERS } from './compiled-headers.ts';
import { headerText } from './detection-header.ts';

const SQL = new URL('../../../sql/', import.meta.url);

const texts = readdirSync(SQL, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.sql'))
  .map((path) => headerText(readFileSync(new URL(path, SQL), 'utf8')))
  .filter((text) => text?.startsWith('\nid: ') ?? false);

writeFileSync(
  COMPILED_HEADERS,
  JSON.stringify(Object.fromEntries(texts.map((text) => [text, yaml().parse(text!)]))),
);
