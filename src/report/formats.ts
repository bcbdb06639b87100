import type { ResultStream } from '../engine/result.ts';
import { UsageError } from '../error.ts';
import { nearest } from '../nearest.ts';
import type { DetectionHeading } from './findings/finding.ts';
import type { ReportOptions, TextOptions } from './options.ts';

/** A format of text gives its text in pieces; a binary one fills a file. */
export type Format =
  | {
      readonly kind: 'text';
      readonly extensions: readonly string[];
      text(
        result: ResultStream,
        options: TextOptions,
      ): AsyncIterable<string> | Promise<AsyncIterable<string>>;
    }
  | {
      readonly kind: 'binary';
      readonly extensions: readonly string[];
      write(result: ResultStream, path: string, options: ReportOptions): Promise<void>;
    };

/** A detection's findings as a table: what each says is its own, so that only the heading tells them apart. */
async function* headed(
  detection: DetectionHeading,
  table: AsyncIterable<string>,
  options: TextOptions,
): AsyncGenerator<string> {
  const [{ headingText }, { penFor }] = await Promise.all([
    import('./findings/heading.ts'),
    import('./pen.ts'),
  ]);
  yield headingText(detection, penFor(options));
  yield* table;
}

/** The output formats by name. Each is loaded when first used. */
export const FORMATS = {
  table: {
    kind: 'text',
    extensions: [],
    text: async (result, options) => {
      const { isFindings } = await import('./findings/finding.ts');
      if (options.detection && isFindings(result.columns))
        return (await import('./findings/findings.ts')).findingsText(result, options.detection, options);
      const { isBeacons } = await import('./findings/beacon.ts');
      if (options.detection && isBeacons(result.columns))
        return (await import('./findings/beacons.ts')).beaconsText(result, options.detection, options);
      const { tableText } = await import('./table/table.ts');
      return options.detection
        ? headed(options.detection, tableText(result, options), options)
        : tableText(result, options);
    },
  },
  json: {
    kind: 'text',
    extensions: ['.json'],
    text: async (result) => (await import('./json.ts')).jsonText(result),
  },
  jsonl: {
    kind: 'text',
    extensions: ['.jsonl', '.ndjson'],
    text: async (result) => (await import('./json.ts')).jsonlText(result),
  },
  csv: {
    kind: 'text',
    extensions: ['.csv'],
    text: async (result, options) => (await import('./csv.ts')).csvText(result, options),
  },
  markdown: {
    kind: 'text',
    extensions: ['.md'],
    text: async (result) => (await import('./markdown.ts')).markdownText(result),
  },
  parquet: {
    kind: 'binary',
    extensions: ['.parquet'],
    write: async (result, path, options) =>
      (await import('./parquet.ts')).writeParquet(result, path, options),
  },
  arrow: {
    kind: 'binary',
    extensions: ['.arrow', '.feather'],
    write: async (result, path) => (await import('./arrow.ts')).writeArrow(result, path),
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

/** The names of the formats, in the order in which help lists them. */
export const FORMAT_NAMES = Object.keys(FORMATS) as readonly FormatName[];

const BY_EXTENSION: ReadonlyMap<string, FormatName> = new Map(
  FORMAT_NAMES.flatMap((name) => FORMATS[name].extensions.map((extension) => [extension, name] as const)),
);

/**
 * The format that `name` names.
 * @throws UsageError with the nearest name, for one that does not exist
 */
export function formatNamed(name: string): FormatName {
  if ((FORMAT_NAMES as readonly string[]).includes(name)) return name as FormatName;
  const meant = BY_EXTENSION.get(`.${name.toLowerCase()}`) ?? nearest(name, FORMAT_NAMES);
  throw new UsageError(`unknown format '${name}'`, {
    hint: meant ? `did you mean '${meant}'?` : `the formats are ${FORMAT_NAMES.join(', ')}`,
  });
}

/**
 * The format that a file's extension asks for, whatever its case.
 * @throws UsageError naming the extensions, for any other
 */
export function formatOfPath(path: string): FormatName {
  const extension = /\.[^./\\]*$/.exec(path)?.[0].toLowerCase() ?? '';
  const name = BY_EXTENSION.get(extension);
  if (name) return name;
  const meant = nearest(extension, BY_EXTENSION.keys());
  const known = [...BY_EXTENSION.keys()].join(' ');
  throw new UsageError(`'${path}' does not say its format`, {
    hint: meant ? `did you mean '${meant}'?` : `end its name in one of ${known}, or name the format`,
  });
}
