import { readFileSync } from 'node:fs';
import type { Node, YAMLMap } from 'yaml';
import { UsageError } from '../../error.ts';
import { fileProblem } from '../../file-problem.ts';
import { nearest } from '../../nearest.ts';
import { yaml } from '../../yaml.ts';
import { blockMeant, isDomain, parseCidr } from './cidr.ts';
import { matchesAnything } from './matches-anything.ts';

/** What a finding must be for a rule to hide it; all that is given must hold, of a list any. */
export interface SuppressionMatch {
  /** File names of the process, in any casing. */
  readonly process?: readonly string[];
  /** Full paths of the process's file, in any casing; a `*` stands for any text. */
  readonly path?: readonly string[];
  /** Names of who signed the file, from DeviceFileCertificateInfo, where the certificate is trusted. */
  readonly signer?: readonly string[];
  /** SHA-1 or SHA-256 of the process's file. */
  readonly hash?: readonly string[];
  /** RE2 patterns of the command line. https://github.com/google/re2/wiki/Syntax */
  readonly command?: readonly string[];
  /** Addresses, CIDR blocks or domains: every destination of the finding must lie in one. */
  readonly destination?: readonly string[];
  /** Ports: every port of the finding must be one. */
  readonly port?: readonly string[];
  /** DeviceName, in any casing. */
  readonly device?: readonly string[];
  /** AccountName, in any casing. */
  readonly account?: readonly string[];
}

/** A known false positive: what is hidden, why, and who answers for it until when. */
export interface SuppressionRule {
  readonly name: string;
  readonly reason: string;
  readonly owner: string;
  /** The last day on which it holds, YYYY-MM-DD in UTC. */
  readonly expires: string;
  readonly match: SuppressionMatch;
  /** `file:line`, for messages. */
  readonly at: string;
  /** The same of each pattern of the command line. */
  readonly commandsAt?: readonly string[];
}

/** Whether a rule no longer holds on a day. */
export function isExpired({ expires }: SuppressionRule, today: Date): boolean {
  return expires < today.toISOString().slice(0, 10);
}

const CONDITIONS = [
  'process',
  'path',
  'signer',
  'hash',
  'command',
  'destination',
  'port',
  'device',
  'account',
];
const KEYS = ['name', 'reason', 'owner', 'expires', 'match'];

/** Reads and checks a file of rules. Throws a UsageError with file and line where one is not right. */
export function readSuppressions(file: string): SuppressionRule[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`cannot read the suppressions ${file}: ${fileProblem(cause)}`, { cause });
  }
  return parseSuppressions(text, file);
}

/** The same from text; `file` is what messages call it. */
export function parseSuppressions(text: string, file: string): SuppressionRule[] {
  const { isMap, isSeq, LineCounter, parseDocument } = yaml();
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const lineOf = (position: number) => `${file}:${lines.linePos(position).line}`;
  const [problem] = document.errors;
  if (problem !== undefined)
    throw new UsageError(`${lineOf(problem.pos[0])}: not YAML: ${problem.message.split('\n', 1)[0]}`);
  const rules = isMap(document.contents) ? document.get('rules', true) : undefined;
  if (!isSeq(rules)) {
    throw new UsageError(`${file}:1: there is no list of rules`, { hint: 'write it under rules:' });
  }
  const where: Where = (node) => lineOf((node as Node | undefined)?.range?.[0] ?? 0);
  const names = new Set<string>();
  return rules.items.map((item) => {
    if (!isMap(item))
      throw new UsageError(`${where(item)}: a rule is name, reason, owner, expires and match`);
    return ruleOf(item, names, where);
  });
}

/** `file:line` of what a part of the file begins on. */
type Where = (node: unknown) => string;

/** A rule, checked; its name must be none of `names`, and becomes one. */
function ruleOf(item: YAMLMap, names: Set<string>, where: Where): SuppressionRule {
  const fail = (key: string, said: string) => {
    throw new UsageError(`${where(item.get(key, true) ?? item)}: ${said}`);
  };
  const rule = item.toJSON() as Record<string, unknown>;
  checkKeys(rule, KEYS, fail);
  for (const key of ['name', 'reason', 'owner', 'expires']) {
    if (typeof rule[key] !== 'string' || rule[key].trim() === '') fail(key, `the rule has no ${key}`);
  }
  const { name, reason, owner, expires } = rule as Record<'name' | 'reason' | 'owner' | 'expires', string>;
  if (names.has(name)) fail('name', `another rule is called ${name}`);
  names.add(name);
  if (!isDate(expires)) fail('expires', `expires '${expires}' is no date such as 2027-06-30`);
  const match = item.get('match', true);
  if (!yaml().isMap(match) || match.items.length === 0) {
    throw new UsageError(`${where(match ?? item)}: rule ${name} would hide everything: it has no condition`, {
      hint: `give it one of ${CONDITIONS.join(', ')}`,
    });
  }
  const { conditions, commandsAt } = conditionsOf(match, name, where);
  return { name, reason, owner, expires, match: conditions, at: where(item), commandsAt };
}

/** What a rule asks of a finding, and where in the file its patterns of command lines stand. */
function conditionsOf(
  match: YAMLMap,
  rule: string,
  where: Where,
): { conditions: SuppressionMatch; commandsAt: string[] } {
  const placesOf = (key: string) => {
    const node = match.get(key, true) ?? match;
    return (yaml().isSeq(node) ? node.items : [node]).map(where);
  };
  const fail = (key: string, said: string, item = 0) => {
    throw new UsageError(`${placesOf(key)[item] ?? where(match)}: ${said}`);
  };
  const given = match.toJSON() as Record<string, unknown>;
  checkKeys(given, CONDITIONS, fail);
  const conditions = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key, listOf(key, value, fail)]),
  );
  if (Object.entries(conditions).every(([key, values]) => matchesAnything(key, values))) {
    fail(
      Object.keys(conditions)[0]!,
      `rule ${rule} would hide everything: its conditions hold for any finding`,
    );
  }
  return { conditions, commandsAt: 'command' in conditions ? placesOf('command') : [] };
}

function checkKeys(
  given: Readonly<Record<string, unknown>>,
  known: readonly string[],
  fail: (key: string, said: string) => void,
): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    fail(
      key,
      `unknown key ${key}${near === undefined ? `: there are ${known.join(', ')}` : `, did you mean ${near}?`}`,
    );
  }
}

function listOf(
  key: string,
  value: unknown,
  fail: (key: string, said: string, item: number) => void,
): string[] {
  const values = (Array.isArray(value) ? value : [value]).map((each) => String(each ?? ''));
  if (values.length === 0) fail(key, `${key} has an empty value`, 0);
  for (const [item, each] of values.entries()) {
    const problem = each.trim() === '' ? `${key} has an empty value` : problemOf(key, each);
    if (problem !== undefined) fail(key, problem, item);
  }
  return values;
}

function problemOf(key: string, value: string): string | undefined {
  switch (key) {
    case 'hash':
      return /^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(value)
        ? undefined
        : `hash '${value}' is neither SHA-1 nor SHA-256`;
    case 'port':
      if (/^\d{1,5}$/.test(value) && Number(value) < 65_536) return undefined;
      return `port '${value}' is none: list each, from 0 to 65535`;
    case 'destination':
      if (parseCidr(value) !== undefined || isDomain(value)) return undefined;
      return `destination '${value}' is no address, CIDR block or domain${blockMeant(value)}`;
    default:
      return undefined;
  }
}

function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
  );
}
