import type { z } from 'zod';

/** Words for what zod finds wrong in a file of the user's. */

export type Issue = z.core.$ZodIssue;

/** A key that is not known comes before one that is lacking: it may be that one, misspelt. */
export function foremost(issues: readonly Issue[]): Issue {
  return issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
}

/** `parameters.port.type`, `detections[2]`. */
export function placeOf(path: Issue['path']): string {
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
  return parts.join('').replace(/^\./, '');
}

export function valueAt(content: unknown, path: Issue['path']): unknown {
  return path.reduce<unknown>((at, part) => (at as Record<PropertyKey, unknown> | null)?.[part], content);
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  tuple: 'a list',
  object: 'keys with values',
  record: 'keys with values',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
};

/** What may stand where an issue lies. */
export function expected(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length > 3 ? `one of ${issue.values.join(', ')}` : issue.values.join(' or ');
    case 'too_small':
      if (issue.origin === 'array') return issue.minimum === 1 ? 'at least one' : lowerFirst(issue.message);
      return `${issue.minimum} or more`;
    default:
      return lowerFirst(issue.message);
  }
}

export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
