import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The YAML library, loaded when something is first read with it: most runs read none, and it takes a cold hunt's tenth. */
export function yaml(): typeof import('yaml') {
  return require('yaml') as typeof import('yaml');
}

/** Why a text could not be parsed, in a line, and where: `:line:column`, or '' where the library does not say. */
export function yamlProblem(error: unknown): { readonly at: string; readonly problem: string } {
  const { YAMLParseError } = yaml();
  if (!(error instanceof YAMLParseError)) return { at: '', problem: (error as Error).message };
  const [start] = error.linePos ?? [];
  const at = start === undefined ? '' : `:${start.line}:${start.col}`;
  if (error.code === 'MULTIPLE_DOCS') return { at, problem: 'it holds several documents' };
  return { at, problem: error.message.split(/ at line \d+, column \d+/, 1)[0]!.trimEnd() };
}
