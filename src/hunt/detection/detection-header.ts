import { UsageError } from '../../error.ts';
import { yaml } from '../../yaml.ts';
import type { ParameterDefinition } from '../parameters.ts';
import { compiledHeader } from './compiled-headers.ts';
import type { Detection } from './detection.ts';
import { checkHeader } from './header-check.ts';

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

/** The YAML in a detection's first comment. Throws a UsageError that names the file and what is wrong in it. */
export function parseHeader(text: string, file: string): Omit<Detection, 'sql' | 'folder'> {
  const header = yamlOf(text, file);
  const { false_positives, blind_spots, optional_tables, evidence_only, null_strings, ...rest } = header;
  return {
    ...rest,
    recorded: header.recorded ?? {},
    macros: header.macros ?? [],
    extractions: header.extractions ?? {},
    evidenceOnly: evidence_only ?? {},
    nullStrings: null_strings ?? {},
    finding: header.finding ?? undefined,
    flagship: header.flagship ?? false,
    references: header.references ?? [],
    parameters: Object.entries(header.parameters ?? {}).map(([name, each]) => ({ name, ...each })),
    optionalTables: optional_tables ?? [],
    falsePositives: false_positives ?? [],
    blindSpots: blind_spots ?? [],
  };
}

/** What the first comment holds, if the text begins with one. */
export function headerText(text: string): string | undefined {
  const end = text.indexOf('*/');
  return text.startsWith('/*') && end >= 0 ? text.slice(2, end) : undefined;
}

/** Checked by the build, or here. */
function yamlOf(text: string, file: string): Header {
  const header = headerText(text);
  if (header === undefined) {
    throw new UsageError(`${file}: a detection begins with its header, YAML in a comment /* … */`);
  }
  let read: unknown;
  try {
    const compiled = compiledHeader(header);
    if (compiled !== undefined) return compiled as Header;
    read = yaml().parse(header);
  } catch (cause) {
    throw new UsageError(`${file}: the header is not YAML: ${(cause as Error).message}`, { cause });
  }
  if (read === null) throw new UsageError(`${file}: the header is empty`);
  if (typeof read !== 'object' || Array.isArray(read)) {
    throw new UsageError(`${file}: the header is no list of keys with values`, {
      hint: 'begin it with id: <technique>/<name>',
    });
  }
  checkHeader(read as Record<string, unknown>, file);
  return read as Header;
}

/** The SQL under the header. */
export function afterHeader(text: string): string {
  return text.slice(text.indexOf('*/') + 2).trimStart();
}
