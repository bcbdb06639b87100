import type { TelemetryLake } from '../api/open-lake.ts';
import type { Detection } from '../hunt/detection/detection.ts';
import { hasVariant } from '../hunt/detection/variants.ts';
import type { ParameterSettings } from '../hunt/parameters.ts';
import type { Columns } from '../hunt/prepare.ts';
import { tableText } from '../report/table/table.ts';
import { note, withProgress } from './progress.ts';
import { type Terminal, widthOf } from './terminal.ts';

/** The SQL with its values, the engine's plan, and how many rows each stage kept where the detection counts them. */
export async function explainHunt(
  lake: TelemetryLake,
  detection: Detection,
  settings: readonly ParameterSettings[],
  columns: Columns | undefined,
  terminal: Terminal,
): Promise<string> {
  const { script, plan } = await lake.explainHunt(detection, settings, columns);
  const explained = `${script}\n\n-- Plan\n\n${plan}\n`;
  if (!hasVariant(detection, 'stages')) return `${explained}-- Its stages are not counted.\n`;
  const stages = await withProgress(terminal, 'counting', (run) =>
    lake.huntLayers(detection, settings, {
      ...run,
      variant: 'stages',
      columns,
      onNote: (line) => note(terminal, line),
    }),
  );
  const table: string[] = [];
  for await (const piece of tableText(stages.stream(), { columns: widthOf(terminal.stdout, terminal.env) }))
    table.push(piece);
  return `${explained}-- Rows that each stage kept\n\n${table.join('')}`;
}
