import { counted } from '../../../counted.ts';
import type { BatchContext } from '../context.ts';
import type { FailedFile } from '../state/manifest.ts';
import type { TablePlan } from './plan.ts';

/** Says what will be read, and why what was read before is to be read again, before it begins. */
export function announce(
  { tell }: BatchContext,
  plans: readonly TablePlan[],
  vanished: readonly string[],
): void {
  for (const { table, again } of plans) {
    for (const [reason, count] of again) {
      const message = `${counted(count, 'file')} of ${table} must be read again: ${reason}`;
      tell({ level: 'warning', event: 'reading-again', message, details: { table, files: count, reason } });
    }
  }
  const read = plans.reduce((sum, plan) => sum + plan.read.length, 0);
  const reuse = plans.reduce((sum, plan) => sum + plan.reuse.length, 0);
  const message = `${read} files to read, ${reuse} slices reused, ${vanished.length} files gone`;
  tell({ level: 'info', event: 'plan', message, details: { read, reuse, vanished: vanished.length } });
}

/** Says which files were not read, and why. */
export function tellFailures(
  { tell }: BatchContext,
  failed: readonly FailedFile[],
  gone: readonly string[],
): void {
  for (const { table, path, problem } of failed) {
    const message = `cannot read ${path}: ${problem}; it is tried again next run`;
    tell({ level: 'error', event: 'file-failed', message, details: { table, path, problem } });
  }
  for (const path of gone) {
    tell({
      level: 'warning',
      event: 'file-gone',
      message: `${path} disappeared before it was read`,
      details: { path },
    });
  }
}
