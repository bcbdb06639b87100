import { UsageError } from '../error.ts';
import type { Detection } from './detection/detection.ts';
import { detectionVariant, EVIDENCE_APART, hasVariant, TOLD_APART } from './detection/variants.ts';
import type { ParameterValues } from './parameters.ts';

/** The statements whose rows rules judge: those of the hunt, with what tells findings apart. */
export interface Judged {
  readonly findings: string;
  /** Of a hunt for evidence, what lies behind the findings. */
  readonly evidence?: string | undefined;
  /** Columns by which rows are told apart, which no result has. */
  readonly besides: readonly string[];
}

/** The variant of the beacon analysis that tells the keys one by one, and how they lie in each other. */
const UNFOLDED = 'unfolded';

/**
 * What rules judge of a hunt.
 *
 * @param findings the statement of its findings
 * @param evidence the statement of what lies behind them, where that is asked
 */
export function judgedOf(
  detection: Detection,
  { identity, fold_keys }: ParameterValues,
  findings: string,
  evidence: string | undefined,
): Judged {
  if (fold_keys !== undefined && hasVariant(detection, UNFOLDED)) {
    return { findings: detectionVariant(detection, UNFOLDED), besides: ['Key', 'Within'] };
  }
  if (evidence === undefined || identity !== 'process' || !hasVariant(detection, EVIDENCE_APART)) {
    return { findings, evidence, besides: [] };
  }
  return {
    findings: detectionVariant(detection, TOLD_APART),
    evidence: detectionVariant(detection, EVIDENCE_APART),
    besides: ['Who'],
  };
}

/** The columns by which evidence belongs to a finding. */
export function groupOf(
  { id, finding }: Detection,
  { identity }: ParameterValues,
  besides: readonly string[],
): string[] {
  if (besides.length > 0) return [...besides];
  if (finding === undefined) {
    throw new UsageError(
      `${id} does not say which columns make a finding, so rules cannot hide its evidence`,
      {
        hint: 'name them in its header: finding: { identity: [...], first: ..., last: ... }',
      },
    );
  }
  // With one finding a process, the PID tells apart what the group does not.
  return identity === 'process' ? [...finding.identity, 'ProcessId'] : [...finding.identity];
}
