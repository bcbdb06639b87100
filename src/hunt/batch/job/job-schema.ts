import { z } from 'zod';

const paths = z.union([z.string(), z.array(z.string()).min(1)]);
const parameters = z
  .record(z.string(), z.unknown())
  .describe('Parameters by name; `name+` extends a list, `name-` reduces it');

const detection = z.strictObject({
  detection: z.string().describe('A technique, such as t1573.001, or a full id'),
  name: z.string().optional().describe('What its findings are called; needed where a detection is run twice'),
  parameters: parameters.optional(),
});

const output = z.strictObject({
  folder: z.string().optional().describe('Default: findings/ in the work directory'),
  format: z.enum(['parquet', 'jsonl']).optional().describe('Default: parquet'),
});

const limits = z.strictObject({
  memory: z.string().optional().describe('Such as 4GB'),
  threads: z.int().min(1).optional(),
  temp: z.string().optional().describe('Where to spill; default: temp/ in the work directory'),
});

/** A job file. Paths in it count from its own folder. */
export const JOB = z
  .strictObject({
    lake: z
      .union([z.string(), z.record(z.string(), paths)])
      .describe('A folder with one folder or file per table, or globs by table'),
    work: z.string().describe('The folder that slices are kept in'),
    output: output.optional(),
    detections: z
      .array(z.union([z.string(), detection]))
      .min(1)
      .describe('Techniques or full ids, each alone or with its name and parameters'),
    parameters: parameters.optional().describe('Parameters of every detection; its own go over them'),
    limits: limits.optional(),
    dedupe: z.boolean().optional().describe('Drop rows that were delivered twice'),
    strict: z.boolean().optional().describe('Stop at the first file that cannot be read'),
    content_hash: z.boolean().optional().describe('Tell changed files by content, not by size and time'),
    verify: z.boolean().optional().describe('Check the bytes of every slice'),
    evidence: z
      .boolean()
      .optional()
      .describe('Write also what lies behind the findings, the matched pairs, into current/evidence/'),
    suppressions: z.string().optional().describe('A YAML file of rules that hide known false positives'),
    metrics: z.string().optional().describe('A file of metrics to write, in OpenMetrics text'),
    remote: z.boolean().optional().describe('Allow a lake on the network'),
    schedule: z
      .string()
      .optional()
      .describe('When the job is run, for people and schedulers; it is not obeyed'),
  })
  .describe('A batch job of merganser');

export type JobFile = z.infer<typeof JOB>;

/** The keys that may stand in each object of a job file, by where it stands. */
export const JOB_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(JOB.shape),
  output: Object.keys(output.shape),
  limits: Object.keys(limits.shape),
  detections: Object.keys(detection.shape),
};

/** What a key of the job file, or of one of its objects, is for. */
export function descriptionOf([first, second, ...deeper]: readonly PropertyKey[]): string | undefined {
  if (deeper.length > 0) return undefined;
  const shape = second === undefined ? JOB.shape : { output, limits }[first as 'output' | 'limits']?.shape;
  return (shape as Record<PropertyKey, z.ZodType> | undefined)?.[second ?? first!]?.description;
}

/** What is published as data/job.schema.json, for editors. https://json-schema.org */
export function jobJsonSchema(): object {
  return z.toJSONSchema(JOB, { target: 'draft-2020-12' });
}
