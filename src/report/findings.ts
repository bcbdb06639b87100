import type { ResultStream } from '../engine/result.ts';
import { type DetectionHeading, findingReader } from './finding.ts';
import { findingBlock } from './finding-block.ts';
import { briefHeading, briefLine } from './finding-brief.ts';
import { FindingsSummary } from './findings-summary.ts';
import type { ReportOptions } from './options.ts';
import type { Style } from './paint.ts';
import { type Pen, penFor } from './pen.ts';
import { visible } from './visible.ts';

export type { DetectionHeading } from './finding.ts';

/** So many findings are told in full and the rest in a line each: hundreds stay readable, none is left out. */
const IN_FULL = 20;

/**
 * The findings of a detection for eyes: a heading, a block or a line each, and a summary. Reads at 80 columns
 * and without colour; nothing in the data reaches the terminal as a control character. Needs the columns
 * that {@link findingReader} asks for; a column `Activity` (connections in equal bins from first to last)
 * becomes a sparkline.
 */
export async function* findingsText(
  result: ResultStream,
  detection: DetectionHeading,
  options: ReportOptions = {},
): AsyncGenerator<string> {
  const pen = penFor(options);
  const marker = severityStyle(detection.severity, pen);
  const read = findingReader(result.columns);
  const summary = new FindingsSummary();
  yield heading(detection, marker, pen);
  for await (const chunk of result.chunks()) {
    let text = '';
    for (const row of chunk.getRows()) {
      const finding = read(row);
      const rank = summary.add(finding);
      if (rank === IN_FULL + 1) text += briefHeading(pen);
      text +=
        rank <= IN_FULL ? findingBlock(finding, rank, marker, pen) : briefLine(finding, rank, marker, pen);
    }
    yield text;
  }
  yield summary.text(IN_FULL, pen);
}

function heading(detection: DetectionHeading, marker: Style, pen: Pen): string {
  const { title, technique, tactic, severity, confidence } = detection;
  const between = ` ${pen.symbols.dot} `;
  return [
    pen.line([visible(title), pen.style.bold]),
    pen.line(
      [visible(`${technique}${between}${tactic}${between}`), pen.style.dim],
      [visible(`severity ${severity}`), marker],
      [visible(`${between}confidence ${confidence}`), pen.style.dim],
    ),
    '\n',
  ].join('');
}

function severityStyle(severity: string, { style }: Pen): Style {
  switch (severity.toLowerCase()) {
    case 'critical':
    case 'high':
      return style.red;
    case 'medium':
      return style.yellow;
    default:
      return style.cyan;
  }
}
