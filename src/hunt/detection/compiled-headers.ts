import { existsSync, readFileSync } from 'node:fs';

/** Headers of the shipped detections by their YAML, as compile-headers.ts leaves them beside the compiled code. */
export const COMPILED_HEADERS = new URL('../../headers.json', import.meta.url);

let headers: Record<string, unknown> | undefined;

/**
 * What the YAML says, if the build has read the very same text; undefined otherwise. A detection that was edited since, or
 * is one's own, is read as YAML.
 */
export function compiledHeader(text: string): unknown {
  headers ??= existsSync(COMPILED_HEADERS)
    ? (JSON.parse(readFileSync(COMPILED_HEADERS, 'utf8')) as Record<string, unknown>)
    : {};
  return headers[text];
}
