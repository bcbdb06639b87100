import { UsageError } from '../../error.ts';
import { yaml } from '../../yaml.ts';
import type { ParameterDefinition } from '../parameters.ts';
import { compiledHeader } from './compiled-headers.ts';
import type { Detection } from './detection.ts';

type Derived =
  | 'parameters'
  | 'evidenceOnly'
  | 'nullStrings'
  | 'falsePositives'
  | 'blindSpots'
  | 'optionalTables'
  | 'sql'
  | 'folder';

interface Header extends Omit<Detection, Derived> {
  readonly parameters: Record<string, Omit<ParameterDefinition, 'name'>>;
  readonly optional_tables?: string[];
  readonly evidence_only?: Record<string, string[]>;
  readonly null_strings?: Record<string, string[]>;
  readonly false_positives?: string[];
  readonly blind_spots?: string[];
}

const NEEDED = [
  'id',
  'title',
  'description',
  'technique',
  'tactic',
  'severity',
  'confidence',
  'tables',
] as const;

/** The YAML in a detection's first comment. Throws a UsageError that names the file and what it lacks. */
export function parseHeader(text: string, file: string): Omit<Detection, 'sql' | 'folder'> {
  const header = yamlOf(text, file);
  const missing = NEEDED.filter((key) => header[key] == null);
  if (missing.length > 0) throw new UsageError(`${file}: the header lacks ${missing.join(', ')}`);
  const {
    false_positives = [],
    blind_spots = [],
    optional_tables = [],
    evidence_only = {},
    null_strings = {},
    ...rest
  } = header;
  return {
    ...rest,
    recorded: header.recorded ?? {},
    macros: header.macros ?? [],
    extractions: header.extractions ?? {},
    evidenceOnly: evidence_only,
    nullStrings: null_strings,
    finding: header.finding,
    flagship: header.flagship ?? false,
    references: header.references ?? [],
    parameters: Object.entries(header.parameters ?? {}).map(([name, each]) => ({ name, ...each })),
    optionalTables: optional_tables,
    falsePositives: false_positives,
    blindSpots: blind_spots,
  };
}

/** What the first comment holds, if the text begins with one. */
export function headerText(text: string): string | undefined {
  const end = text.indexOf('*/');
  return text.startsWith('/*') && end >= 0 ? text.slice(2, end) : undefined;
}

function yamlOf(text: string, file: string): Header {
  const header = headerText(text);
  if (header === undefined) {
    throw new UsageError(`${file}: a detection begins with its header, YAML in a comment /* … */`);
  }
  try {
    const read = compiledHeader(header) ?? (yaml().parse(header) as unknown);
    if (typeof read === 'object' && read !== null) return read as Header;
  } catch (cause) {
    throw new UsageError(`${file}: the header is not YAML: ${(cause as Error).message}`, { cause });
  }
  throw new UsageError(`${file}: the header is empty`);
}

/** The SQL under the header. */
export function afterHeader(text: string): string {
  return text.slice(text.indexOf('*/') + 2).trimStart();
}
