import { createRequire } from 'node:module';
import { UsageError } from './error.ts';

const require = createRequire(import.meta.url);

/** The YAML library, loaded when something is first read with it: most runs read none, and it takes a cold hunt's tenth. */
export function yaml(): typeof import('yaml') {
  return require('yaml') as typeof import('yaml');
}

/** What a file of JSON or YAML says. @throws UsageError naming the file, line and column where it is neither */
export function parseYaml(path: string, text: string, hint?: string): unknown {
  try {
    // JSON is YAML.
    return yaml().parse(text, { logLevel: 'error' });
  } catch (cause) {
    throw new UsageError(`${where(path, cause)}: neither JSON nor YAML: ${why(cause)}`, { hint, cause });
  }
}

function where(path: string, error: unknown): string {
  const position = error instanceof yaml().YAMLParseError ? error.linePos?.[0] : undefined;
  return position === undefined ? path : `${path}:${position.line}:${position.col}`;
}

function why(error: unknown): string {
  if (error instanceof yaml().YAMLParseError && error.code === 'MULTIPLE_DOCS')
    return 'it holds several documents';
  return (error as Error).message.split(/ at line \d+, column \d+/, 1)[0]!.trimEnd();
}
