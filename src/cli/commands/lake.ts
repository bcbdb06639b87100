import { Command, Option } from 'commander';
import { openLake, type TableReport } from '../../api/open-lake.ts';
import { counted } from '../../counted.ts';
import { UsageError } from '../../error.ts';
import { type LakeFlags, lakeFlags, lakeOptions, lakeSource } from '../options.ts';
import { withProgress } from '../progress.ts';
import { print, printJson, type Terminal } from '../terminal.ts';

/** `merganser lake DIR`: what is there, and what is missing. */
export function lakeCommand(terminal: Terminal): Command {
  const command = new Command('lake')
    .description('show what is in a lake: tables, files, rows, time range, gaps in the contract')
    .argument('[dir]', 'the lake; the same as --lake')
    .addOption(new Option('--format <name>', 'how to print it').choices(['table', 'json']).default('table'));
  return lakeFlags(command).action(async (dir: string | undefined, flags: LakeFlags & { format: string }) => {
    if (dir !== undefined && flags.lake !== undefined) {
      throw new UsageError('the lake was given twice, by itself and with --lake');
    }
    const source = lakeSource(dir === undefined ? flags : { ...flags, lake: dir });
    await using lake = await openLake(source, lakeOptions(flags, terminal));
    const reports = await withProgress(terminal, 'reading', (run) => lake.inspect(run));
    await (flags.format === 'json' ? printJson(terminal, reports) : print(terminal, text(reports)));
  });
}

function text(reports: readonly TableReport[]): string {
  if (reports.length === 0) return 'no tables: no file below the folder has a known ending\n';
  return reports.map(tableText).join('\n');
}

function tableText(report: TableReport): string {
  const { files, bytes, shapes, from, to } = report;
  const lines = [
    `${report.table}`,
    `  ${[`${counted(report.rows, 'row')} in ${counted(files, 'file')} (${size(bytes)})`, ...shapes].join(', ')}`,
  ];
  if (from !== null) lines.push(`  ${from}  to  ${to}`);
  const gaps = report.daysWithoutRows;
  if (gaps.length > 0) lines.push(`  no rows on ${counted(gaps.length, 'day')}: ${shortened(gaps, 6)}`);
  if (report.duplicates) {
    const were = report.duplicates === 1 ? 'was' : 'were';
    lines.push(`  ${counted(report.duplicates, 'row')} ${were} delivered twice (--dedupe drops them)`);
  }
  if (report.aggregatedReports > 0) {
    const rows = counted(report.aggregatedReports, 'ConnectionSuccessAggregatedReport row');
    lines.push(`  ${rows}: each stands for many connections, none is hunted as one`);
  }
  if (report.absentColumns.length > 0) lines.push(`  read as null: ${shortened(report.absentColumns, 8)}`);
  return `${lines.join('\n')}\n`;
}

function shortened(items: readonly string[], most: number): string {
  const shown = items.slice(0, most).join(', ');
  return items.length > most ? `${shown} and ${items.length - most} more` : shown;
}

function size(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return `${step === 0 ? bytes : (bytes / 1000 ** step).toFixed(1)} ${units[step]}`;
}
