import { Command, Option } from 'commander';
import { openLake } from '../../api/open-lake.ts';
import { UsageError } from '../../error.ts';
import { KqlError, translateKql } from '../../hunt/kql.ts';
import { formatDiagnostic } from '../../kql/diagnostics.ts';
import type { ExplainedStep, TranslateOptions, Translation } from '../../kql/translate.ts';
import { checkFolder, failed, type Translator } from '../check.ts';
import { dateOf } from '../option-values.ts';
import {
  type KqlFlags,
  kqlFlags,
  type LakeFlags,
  lakeFlags,
  lakeOptions,
  lakeSource,
  queryName,
  queryText,
} from '../options.ts';
import { harmless, print, printJson, type Terminal, tell } from '../terminal.ts';

interface TranslateFlags extends LakeFlags, KqlFlags {
  readonly explain?: boolean;
  readonly check?: string;
  readonly format: 'text' | 'json';
}

/** `merganser translate QUERY|-|FILE`: prints the SQL that a KQL query becomes; nothing runs. */
export function translateCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('translate')
    .description(
      'print the SQL that a KQL query becomes, to paste into any DuckDB that has the tables it names',
    )
    .argument('[query]', 'the query, a file that holds it, or - for standard input')
    .option('--explain', 'show for each clause the CTE that it became and the rules of meaning applied')
    .option('--check <dir>', 'go through a folder of .kql files and report which translate')
    .addOption(
      new Option('--format <name>', 'text, or json for editors and CI')
        .choices(['text', 'json'])
        .default('text'),
    );
  return lakeFlags(kqlFlags(command)).action(async (query: string | undefined, flags: TranslateFlags) => {
    const { check, format } = flags;
    if (check !== undefined) {
      if (query !== undefined || flags.explain) {
        throw new UsageError('--check goes through a folder, and takes neither a query nor --explain', {
          hint: 'translate the query without --check',
        });
      }
      return exit(
        await translating(flags, terminal, (translate) => checkFolder(check, format, translate, terminal)),
      );
    }
    if (query === undefined)
      throw new UsageError('no query was given', {
        hint: 'give it as an argument, a file, or - for standard input',
      });
    const text = await queryText(query, terminal);
    const translation = await translating(flags, terminal, (translate) => translate(text));
    if (flags.format === 'json') {
      await printJson(terminal, told(translation));
      return exit(failed(translation) ? 2 : 0);
    }
    if (failed(translation)) throw new KqlError(text, queryName(query), translation.diagnostics);
    for (const note of translation.diagnostics)
      tell(terminal, harmless(formatDiagnostic(text, note, queryName(query))));
    await print(terminal, flags.explain ? explained(translation) : `${translation.sql.trimEnd()}\n`);
  });
}

/** Work that translates, over a lake's tables where one is named, else over all that Microsoft documents. */
async function translating<T>(
  flags: TranslateFlags,
  terminal: Terminal,
  work: (translate: Translator) => Promise<T>,
): Promise<T> {
  const { now, set, check, ingestionTime } = flags;
  const optionsFor = (text: string): TranslateOptions => ({
    mode: 'print',
    ...(now === undefined ? {} : { now: dateOf(now) }),
    // Of a folder's queries each takes the values that it names.
    ...(set === undefined ? {} : { parameters: check === undefined ? set : named(set, text) }),
  });
  if (flags.lake === undefined && flags.table === undefined) {
    if (flags.watchlists !== undefined)
      throw new UsageError('--watchlists goes with a lake', { hint: 'name it with --lake or --table' });
    return work(async (text) => translateKql(text, { ...optionsFor(text), environment: { ingestionTime } }));
  }
  await using lake = await openLake(lakeSource(flags), lakeOptions(flags, terminal));
  return await work((text) => lake.translate(text, optionsFor(text), ingestionTime));
}

function named(set: Readonly<Record<string, string>>, text: string): Record<string, string> {
  const words = new Set(text.match(/\w+/g));
  return Object.fromEntries(Object.entries(set).filter(([name]) => words.has(name)));
}

function told({ sql, columns, diagnostics, scans }: Translation): object {
  return {
    sql,
    columns,
    diagnostics,
    tables: scans.map(({ table, columns: read }) => ({ table, columns: read })),
  };
}

function explained({ explain }: Translation): string {
  return explain.map(explainedStep).join('\n');
}

function explainedStep({ kql, cte, rules }: ExplainedStep): string {
  return [kql.trim(), `  → ${cte}`, ...rules.map((rule) => `    ${rule}`), ''].join('\n');
}
