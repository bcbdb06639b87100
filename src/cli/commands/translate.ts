import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { openLake } from '../../api/open-lake.ts';
import { UsageError } from '../../error.ts';
import { KqlError, translateKql } from '../../hunt/kql.ts';
import { type Diagnostic, formatDiagnostic } from '../../kql/diagnostics.ts';
import type { ExplainedStep, Translation } from '../../kql/translate.ts';
import {
  collectParameter,
  instantFlag,
  type LakeFlags,
  lakeFlags,
  lakeOptions,
  lakeSource,
  queryName,
  queryText,
} from '../options.ts';
import { type Terminal, tell } from '../terminal.ts';

interface TranslateFlags extends LakeFlags {
  readonly now?: string;
  readonly set?: Record<string, string>;
  readonly explain?: boolean;
  readonly check?: string;
  readonly format: 'text' | 'json';
}

/** `merganser translate QUERY|-|FILE`: prints the SQL that a KQL query becomes; nothing runs. */
export function translateCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('translate')
    .description('print the SQL that a KQL query becomes, ready to paste into any DuckDB')
    .argument('[query]', 'the query, a file that holds it, or - for standard input')
    .option('--explain', 'show for each clause the CTE that it became and the rules of meaning applied')
    .option('--check <dir>', 'go through a folder of .kql files and report which translate')
    .addOption(
      new Option('--format <name>', 'text, or json for editors and CI')
        .choices(['text', 'json'])
        .default('text'),
    )
    .option('--now <instant>', 'what now() and ago() count from', instantFlag('now'))
    .option('--set <name=value>', 'a value of `declare query_parameters`; may be repeated', collectParameter);
  return lakeFlags(command).action(async (query: string | undefined, flags: TranslateFlags) => {
    if (flags.check !== undefined) return exit(await check(flags.check, flags, terminal));
    if (query === undefined)
      throw new UsageError('no query was given', {
        hint: 'give it as an argument, a file, or - for standard input',
      });
    const text = await queryText(query, terminal);
    const translation = await translated(text, flags, terminal);
    if (flags.format === 'json') {
      terminal.stdout.write(`${json(translation)}\n`);
      return exit(failed(translation) ? 2 : 0);
    }
    if (failed(translation)) throw new KqlError(text, queryName(query), translation.diagnostics);
    for (const note of translation.diagnostics)
      tell(terminal, formatDiagnostic(text, note, queryName(query)));
    terminal.stdout.write(flags.explain ? explained(translation) : `${translation.sql.trimEnd()}\n`);
  });
}

async function translated(text: string, flags: TranslateFlags, terminal: Terminal): Promise<Translation> {
  const options = {
    mode: 'print' as const,
    ...(flags.now === undefined ? {} : { now: new Date(flags.now) }),
    ...(flags.set === undefined ? {} : { parameters: flags.set }),
  };
  if (flags.lake === undefined && flags.table === undefined) return translateKql(text, options);
  await using lake = await openLake(lakeSource(flags), lakeOptions(flags, terminal));
  return lake.translate(text, options);
}

const failed = ({ diagnostics }: Translation) => diagnostics.some(({ severity }) => severity === 'error');

function json({ sql, columns, diagnostics, scans }: Translation): string {
  return JSON.stringify(
    {
      sql,
      columns,
      diagnostics,
      tables: scans.map(({ table, columns: read }) => ({ table, columns: read })),
    },
    null,
    2,
  );
}

function explained({ explain }: Translation): string {
  return explain.map(explainedStep).join('\n');
}

function explainedStep({ kql, cte, rules }: ExplainedStep): string {
  return [kql.trim(), `  → ${cte}`, ...rules.map((rule) => `    ${rule}`), ''].join('\n');
}

/** Every query of a folder: one line each, its diagnostics under it. 2 where one does not translate. */
async function check(folder: string, flags: TranslateFlags, terminal: Terminal): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch((cause: Error) => {
    throw new UsageError(`cannot read the folder ${folder}: ${cause.message}`, { cause });
  });
  const files = names.filter((name) => /\.(kql|csl)$/i.test(name)).sort();
  if (files.length === 0) throw new UsageError(`no .kql file below ${folder}`);
  const results: { file: string; translates: boolean; diagnostics: readonly Diagnostic[] }[] = [];
  for (const file of files) {
    const text = await readFile(join(folder, file), 'utf8');
    const translation = await translated(text, flags, terminal);
    results.push({ file, translates: !failed(translation), diagnostics: translation.diagnostics });
    if (flags.format === 'json') continue;
    terminal.stdout.write(`${failed(translation) ? 'refused' : 'ok     '}  ${file}\n`);
    for (const each of translation.diagnostics)
      terminal.stdout.write(`${formatDiagnostic(text, each, file)}\n`);
  }
  const good = results.filter(({ translates }) => translates).length;
  if (flags.format === 'json') terminal.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  else terminal.stdout.write(`${good} of ${results.length} translate\n`);
  return good === results.length ? 0 : 2;
}
