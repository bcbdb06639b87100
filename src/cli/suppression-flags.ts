import type { Command } from 'commander';
import { UsageError } from '../error.ts';
import { readSuppressions, type SuppressionRule } from '../hunt/suppress/suppressions.ts';

export interface SuppressionFlags {
  readonly suppress?: string;
  readonly showSuppressed?: boolean;
}

/** Adds the options that hide known false positives. */
export function suppressionFlags(command: Command): Command {
  return command
    .option('--suppress <file>', 'a YAML file of rules that hide known false positives')
    .option('--show-suppressed', 'keep what the rules hide, and say by which rule');
}

/** The rules that the flags name; undefined without any. */
export function rulesOf({ suppress, showSuppressed }: SuppressionFlags): SuppressionRule[] | undefined {
  if (suppress !== undefined) return readSuppressions(suppress);
  if (!showSuppressed) return undefined;
  throw new UsageError('--show-suppressed goes with --suppress', {
    hint: 'name the rules that hide something: --suppress rules.yaml',
  });
}
