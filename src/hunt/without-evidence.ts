import { UsageError } from '../error.ts';
import type { Detection } from './detection/detection.ts';
import { hasVariant } from './detection/variants.ts';

/** Whether a detection says what lies behind its findings. */
export function hasEvidence(detection: Detection): boolean {
  return hasVariant(detection, 'evidence');
}

/** The ids of the detections that have none; throws where that is all of them. */
export function withoutEvidence(detections: readonly Detection[]): string[] {
  const without = detections.filter((each) => !hasEvidence(each));
  const ids = [...new Set(without.map(({ id }) => id))];
  if (without.length < detections.length) return ids;
  throw new UsageError(`${ids.join(' and ')} ${ids.length === 1 ? 'has' : 'have'} no evidence`, {
    hint: 'the findings are all that they say: leave evidence away',
  });
}

/** What is said of one that is left out. */
export function noEvidenceOf(id: string): string {
  return `${id} has no evidence: its findings are all that it says`;
}
