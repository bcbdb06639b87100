import { Command } from 'commander';
import { openLake } from '../../api/open-lake.ts';
import { tellAddressClasses } from '../address-classes.ts';
import {
  collectParameter,
  instantFlag,
  type LakeFlags,
  lakeFlags,
  lakeOptions,
  lakeSource,
  type OutputFlags,
  openOutput,
  outputFlags,
  queryName,
  queryText,
} from '../options.ts';
import { withProgress } from '../progress.ts';
import { type Terminal, tell } from '../terminal.ts';

interface KqlFlags extends LakeFlags, OutputFlags {
  readonly now?: string;
  readonly set?: Record<string, string>;
}

/** `merganser kql QUERY|-|FILE`: runs one KQL query over a lake, with Kusto's meaning. */
export function kqlCommand(terminal: Terminal): Command {
  const command = new Command('kql')
    .description('run one KQL query over a lake, with the meaning that Kusto gives it')
    .argument('<query>', 'the query, a file that holds it, or - for standard input')
    .option('--now <instant>', 'what now() and ago() count from', instantFlag('now'))
    .option('--set <name=value>', 'a value of `declare query_parameters`; may be repeated', collectParameter);
  return outputFlags(lakeFlags(command)).action(async (query: string, flags: KqlFlags) => {
    const text = await queryText(query, terminal);
    const output = await openOutput(flags, terminal, flags);
    await using lake = await openLake(lakeSource(flags), lakeOptions(flags, terminal));
    await tellAddressClasses(lake, flags, {}, terminal);
    const hits = await withProgress(terminal, 'running', (run) =>
      lake.kql(text, {
        ...run,
        now: flags.now === undefined ? undefined : new Date(flags.now),
        parameters: flags.set,
        file: queryName(query),
        onNote: (note) => tell(terminal, note),
      }),
    );
    await output.write(hits.stream({ signal: terminal.signal }));
  });
}
