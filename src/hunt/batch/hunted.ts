import { quoteIdentifier, quoteString } from '../../dialect/duckdb/quote.ts';
import type { Detection } from '../detection/detection.ts';
import { combinedByProcess } from '../detection/find-detections.ts';
import { detectionVariant, hasVariant, TOLD_APART } from '../detection/variants.ts';
import type { ParameterValues } from '../parameters.ts';

/** A detection with its values, as a job runs it. */
export interface Hunted {
  readonly detection: Detection;
  readonly values: ParameterValues;
  /** Whether the evidence behind its findings is wanted too. */
  readonly evidence?: boolean;
}

/** Whether a finding is one of a process, instead of what the detection's reference groups by. */
export function byProcess({ detection, values }: Hunted): boolean {
  return values.identity === 'process' && hasVariant(detection, TOLD_APART);
}

/** The detection that must be able to tell which process an event is of: this one, by process, or one that it combines. */
export function tellingProcesses(hunted: Hunted): Detection | undefined {
  return byProcess(hunted) ? hunted.detection : combinedByProcess(hunted.detection);
}

/** The statement that a batch runs. */
export function statementOf(hunted: Hunted): string {
  return byProcess(hunted) ? detectionVariant(hunted.detection, TOLD_APART) : hunted.detection.sql;
}

/** The statement of what lies behind its findings. */
export function evidenceStatementOf(hunted: Hunted): string {
  return detectionVariant(hunted.detection, byProcess(hunted) ? 'identity.evidence' : 'evidence');
}

/** Its findings in the table `found`, each with its id: a hash of the detection and of what tells it from others. */
export function withIds(hunted: Hunted): string {
  const { id, finding } = hunted.detection;
  const columns = byProcess(hunted) ? ['Who'] : finding!.identity;
  const text = (column: string) => `${quoteIdentifier(column)}::VARCHAR`;
  const besides = finding!.without_pid?.map(
    (column) => `CASE WHEN coalesce(ProcessId, 0) = 0 THEN ${text(column)} END`,
  );
  const list = [quoteString(id), ...columns.map(text), ...(besides ?? [])].join(', ');
  const shown = byProcess(hunted) ? '* EXCLUDE (Who)' : '*';
  return `SELECT left(sha256(to_json([${list}])::VARCHAR), 32) AS FindingId, ${shown} FROM found ORDER BY rowid`;
}
