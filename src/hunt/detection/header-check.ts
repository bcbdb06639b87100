import { UsageError } from '../../error.ts';
import { nearest } from '../../nearest.ts';
import { expected, foremost, type Issue, placeOf, shown, valueAt } from '../schema-words.ts';
import { HEADER } from './header-schema.ts';

/** Keys whose values the user names: what stands in them is a table, a parameter or a column. */
type Keys = Readonly<Record<string, unknown>>;

/**
 * Throws a UsageError where a header is not one: it names the file, the key, what is expected there and what came, or the
 * nearest of the keys that there are. A key without a value is one that was left out.
 */
export function checkHeader(header: Keys, file: string): void {
  const content = Object.fromEntries(Object.entries(header).filter(([, value]) => value !== null));
  const checked = HEADER().safeParse(content);
  if (checked.success) return;
  const { issues } = checked.error;
  const issue = foremost(issues);
  if (issue.code === 'unrecognized_keys') throw unknownKey(issue.path, issue.keys[0]!, file);
  const lacking = issues.filter(({ path }) => valueAt(content, path) === undefined);
  if (lacking.length > 0) {
    const places = lacking.map(({ path }) => placeOf(path));
    throw new UsageError(`${file}: the header lacks ${places.join(', ')}`, { hint: wayOut(lacking[0]!) });
  }
  const value = valueAt(content, issue.path);
  throw new UsageError(`${file}: ${placeOf(issue.path)}: expected ${wanted(issue)}, got ${shown(value)}`, {
    hint: wayOut(issue, value),
  });
}

function unknownKey(path: Issue['path'], key: string, file: string): UsageError {
  const known = keysAt(path);
  const near = nearest(key, known);
  const where = path.length === 0 ? 'the header' : placeOf(path);
  return new UsageError(`${file}: unknown key '${key}' in ${where}`, {
    hint: near === undefined ? `there are ${known.join(', ')}` : `did you mean ${near}?`,
  });
}

/** The keys that an object of the header can have. */
function keysAt([first, ...deeper]: Issue['path']): string[] {
  const { shape } = HEADER();
  if (first === undefined) return Object.keys(shape);
  if (first === 'parameters') return PARAMETER_KEYS;
  if (first !== 'finding') return ['id', 'name'];
  return Object.keys(deeper[0] === 'pairs' ? { tables: true, alike: true } : shape.finding.unwrap().shape);
}

const PARAMETER_KEYS = ['type', 'description', 'default', 'values', 'least', 'most'];

/** What stands in these, said better than by its kind. */
const SHAPES: readonly (readonly [place: RegExp, expected: string, example: string])[] = [
  [/^(technique|tactic)$/, 'an id and a name', '{ id: T1071, name: Application Layer Protocol }'],
  [/^tables$/, 'tables with lists of their columns', '{ DeviceNetworkEvents: [Timestamp, DeviceName] }'],
  [/^tables\.\w+$/, 'a list of columns', '[Timestamp, DeviceName]'],
  [/^parameters$/, 'parameters by name', '{ port: { type: int, description: The port, default: 4444 } }'],
  [
    /^parameters\.[^.]+$/,
    'type, description and default',
    '{ type: int, description: The port, default: 4444 }',
  ],
  [/^extractions$/, 'common table expressions by name', '{ connections: { port: equals } }'],
  [/^extractions\.[^.]+$/, 'parameters by name, each with how it is compared', '{ port: equals }'],
  [/^(created|updated)$/, 'a date such as 2026-01-31', '2026-01-31'],
  [/^finding$/, 'columns', '{ identity: [DeviceName], first: FirstSeen, last: LastSeen }'],
];

function shapeOf({ path }: Issue) {
  return SHAPES.find(([place]) => place.test(placeOf(path)));
}

function wanted(issue: Issue): string {
  const wrongKind = issue.code === 'invalid_type' || issue.code === 'too_small' || issue.code === 'custom';
  return (wrongKind ? shapeOf(issue)?.[1] : undefined) ?? expected(issue);
}

function wayOut(issue: Issue, value?: unknown): string | undefined {
  if (issue.code === 'invalid_value') {
    const near = nearest(String(value), issue.values.map(String));
    return near === undefined ? undefined : `did you mean ${near}?`;
  }
  const example = shapeOf(issue)?.[2];
  if (example !== undefined) return `for example ${placeOf(issue.path)}: ${example}`;
  if (issue.code !== 'invalid_type' || issue.expected !== 'array' || typeof value !== 'string')
    return undefined;
  return `write it as [${shown(value)}]`;
}
