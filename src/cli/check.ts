import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../error.ts';
import { fileProblem } from '../file-problem.ts';
import { type Diagnostic, formatDiagnostic } from '../kql/diagnostics.ts';
import type { Translation } from '../kql/translate.ts';
import { print, printJson, type Terminal } from './terminal.ts';

export type Translator = (text: string) => Promise<Translation>;

/** Whether a query did not translate. */
export function failed({ diagnostics }: Translation): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}

interface Checked {
  readonly file: string;
  readonly translates: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Every .kql file of a folder: a line each, what is wrong under it. Gives 2 where one does not translate, else 0. */
export async function checkFolder(
  folder: string,
  format: 'text' | 'json',
  translate: Translator,
  terminal: Terminal,
): Promise<number> {
  const checked: Checked[] = [];
  for (const file of await queriesBelow(folder)) {
    const text = await readFile(join(folder, file), 'utf8');
    const translation = await translate(text);
    const result = { file, translates: !failed(translation), diagnostics: translation.diagnostics };
    checked.push(result);
    if (format === 'text') await print(terminal, lines(result, text));
  }
  const good = checked.filter(({ translates }) => translates).length;
  await (format === 'json'
    ? printJson(terminal, checked)
    : print(terminal, `${good} of ${checked.length} translate\n`));
  return good === checked.length ? 0 : 2;
}

function lines({ file, translates, diagnostics }: Checked, text: string): string {
  const told = diagnostics.map((each) => `${formatDiagnostic(text, each, file)}\n`);
  return [`${translates ? 'ok     ' : 'refused'}  ${file}\n`, ...told].join('');
}

async function queriesBelow(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch((cause: Error) => {
    throw new UsageError(`cannot read the folder ${folder}: ${fileProblem(cause, 'folder')}`, { cause });
  });
  const files = names.filter((name) => /\.(kql|csl)$/i.test(name)).sort();
  if (files.length > 0) return files;
  throw new UsageError(`no .kql file below ${folder}`, { hint: 'name a folder with queries, one a file' });
}
