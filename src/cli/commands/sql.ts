import { Command } from 'commander';
import { openLake } from '../../api/open-lake.ts';
import { tellAddressClasses } from '../address-classes.ts';
import { instantFlag } from '../option-values.ts';
import {
  type LakeFlags,
  lakeFlags,
  lakeOptions,
  lakeSource,
  type OutputFlags,
  openOutput,
  outputFlags,
  queryText,
} from '../options.ts';
import { withProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';

interface SqlFlags extends LakeFlags, OutputFlags {
  readonly since?: string;
  readonly until?: string;
}

/** `merganser sql QUERY|-|FILE`: runs one query over the lake's tables and nothing else. */
export function sqlCommand(terminal: Terminal): Command {
  const command = new Command('sql')
    .description("run one SQL query (DuckDB's dialect) over a lake's tables")
    .argument('<query>', 'the query, a file that holds it, or - for standard input')
    .option('--since <instant>', 'only events at or after this, in every table', instantFlag('since'))
    .option('--until <instant>', 'only events before this, in every table', instantFlag('until'));
  return outputFlags(lakeFlags(command)).action(async (query: string, flags: SqlFlags) => {
    const text = await queryText(query, terminal);
    const output = await openOutput(flags, terminal, flags);
    await using lake = await openLake(lakeSource(flags), lakeOptions(flags, terminal));
    const { since, until } = flags;
    await tellAddressClasses(lake, flags, { since, until }, terminal);
    const hits = await withProgress(terminal, 'running', (run) =>
      lake.sql(text, undefined, { ...run, since, until }),
    );
    await output.write(hits.stream({ signal: terminal.signal }));
  });
}
