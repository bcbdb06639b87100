import { Command } from 'commander';
import { openLake } from '../../api/open-lake.ts';
import { tellAddressClasses } from '../address-classes.ts';
import { dateOf } from '../option-values.ts';
import {
  type KqlFlags,
  kqlFlags,
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
import { harmless, type Terminal, tell } from '../terminal.ts';

interface KqlCommandFlags extends LakeFlags, KqlFlags, OutputFlags {}

/** `merganser kql QUERY|-|FILE`: runs one KQL query over a lake, with Kusto's meaning. */
export function kqlCommand(terminal: Terminal): Command {
  const command = new Command('kql')
    .description('run one KQL query over a lake, with the meaning that Kusto gives it')
    .argument('<query>', 'the query, a file that holds it, or - for standard input');
  return outputFlags(lakeFlags(kqlFlags(command))).action(async (query: string, flags: KqlCommandFlags) => {
    const text = await queryText(query, terminal);
    const output = await openOutput(flags, terminal, flags);
    await using lake = await openLake(lakeSource(flags), lakeOptions(flags, terminal));
    await tellAddressClasses(lake, flags, {}, terminal);
    const hits = await withProgress(terminal, 'running', (run) =>
      lake.kql(text, {
        ...run,
        now: flags.now === undefined ? undefined : dateOf(flags.now),
        parameters: flags.set,
        ingestionTime: flags.ingestionTime,
        file: queryName(query),
        onNote: (note) => tell(terminal, harmless(note)),
      }),
    );
    await output.write(hits.stream({ signal: terminal.signal }));
  });
}
