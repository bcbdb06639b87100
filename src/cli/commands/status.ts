import { Command, Option } from 'commander';
import { type BatchStatus, batchStatus, type TableStatus } from '../../api/batch.ts';
import { reportLine } from '../../hunt/batch/report/run-report.ts';
import { instantText } from '../../hunt/time.ts';
import { bytesSaid, countOf } from '../../report/units.ts';
import { print, printJson, type Terminal } from '../terminal.ts';

/** `merganser status --work DIR`: what a batch's work directory holds, and how its last run went. */
export function statusCommand(terminal: Terminal): Command {
  return new Command('status')
    .description("show what a batch's work directory holds, and how its last run went")
    .requiredOption('--work <dir>', 'the work directory')
    .addOption(new Option('--format <name>', 'how to print it').choices(['table', 'json']).default('table'))
    .action(async ({ work, format }: { work: string; format: string }) => {
      const status = await batchStatus(work);
      await (format === 'json' ? printJson(terminal, status) : print(terminal, statusText(status)));
    });
}

function statusText({ work, running, tables, failed, last }: BatchStatus): string {
  const lines = [work];
  if (running !== null)
    lines.push(`  running: process ${running.pid} on ${running.host} since ${running.since}`);
  lines.push(last === null ? '  no run has finished yet' : `  last ${reportLine(last)}`);
  if (last !== null) lines.push(`  findings in ${last.output}`);
  for (const table of tables) lines.push(...tableLines(table));
  if (failed.length > 0) lines.push(`  ${countOf(failed.length, 'file')} could not be read:`);
  for (const { path, problem } of failed) lines.push(`    ${path}: ${problem}`);
  return `${lines.join('\n')}\n`;
}

function tableLines({ table, files, bytes, rows, first, last }: TableStatus): string[] {
  const lines = [
    `  ${table}: ${countOf(rows, 'row')} kept of ${countOf(files, 'file')} (${bytesSaid(bytes)})`,
  ];
  if (first !== null && last !== null) lines.push(`    ${instant(first)}  to  ${instant(last)}`);
  return lines;
}

function instant(micros: string): string {
  return `${instantText(BigInt(micros)).replace(' ', 'T')}Z`;
}
