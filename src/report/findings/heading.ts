import { visible } from '../../visible.ts';
import type { Style } from '../paint.ts';
import type { Pen } from '../pen.ts';
import type { DetectionHeading } from './finding.ts';

/** What a detection is, in two lines and an empty one. */
export function headingText(detection: DetectionHeading, pen: Pen): string {
  const { title, technique, tactic, severity, confidence } = detection;
  const between = ` ${pen.symbols.dot} `;
  return [
    pen.line([visible(title), pen.style.bold]),
    pen.line(
      [visible(`${technique}${between}${tactic}${between}`), pen.style.dim],
      [visible(`severity ${severity}`), severityStyle(severity, pen)],
      [visible(`${between}confidence ${confidence}`), pen.style.dim],
    ),
    '\n',
  ].join('');
}

/** The colour of how bad it is. */
export function severityStyle(severity: string, { style }: Pen): Style {
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
