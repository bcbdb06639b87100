import type { SuppressionReport } from '../hunt/suppress/suppress.ts';

/** What the rules did, one line each: what they hid, which have expired, which hid nothing. */
export function suppressionLines({ findings, suppressed, rules }: SuppressionReport): string[] {
  const hiding = rules.filter(({ hidden }) => hidden > 0).map(({ rule, hidden }) => `${rule.name} ${hidden}`);
  const by = hiding.length === 0 ? '' : ` (${hiding.join(', ')})`;
  const idle = rules.filter(({ hidden, expired }) => hidden === 0 && !expired).map(({ rule }) => rule.name);
  return [
    `${suppressed} of ${findings} findings suppressed${by}`,
    ...rules
      .filter(({ expired }) => expired)
      .map(({ rule }) => `${rule.at}: rule ${rule.name} expired on ${rule.expires} and was not applied`),
    ...(idle.length === 0 ? [] : [`rules that matched nothing: ${idle.join(', ')}`]),
  ];
}
