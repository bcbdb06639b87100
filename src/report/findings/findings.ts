import type { ResultStream } from '../../engine/result.ts';
import type { ReportOptions } from '../options.ts';
import { penFor } from '../pen.ts';
import { type DetectionHeading, findingReader } from './finding.ts';
import { findingBlock } from './finding-block.ts';
import { briefHeading, briefLine } from './finding-brief.ts';
import { FindingsSummary } from './findings-summary.ts';
import { headingText, severityStyle } from './heading.ts';

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
  yield headingText(detection, pen);
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
