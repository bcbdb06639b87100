import { createRequire } from 'node:module';
import type { ParameterType } from '../parameters.ts';
import { parseInstant } from '../time.ts';

type Zod = typeof import('zod').z;

const require = createRequire(import.meta.url);

const TYPES: Readonly<Record<ParameterType, true>> = {
  string: true,
  int: true,
  long: true,
  real: true,
  bool: true,
  datetime: true,
  timespan: true,
  'list of string': true,
  'list of int': true,
};

export type HeaderSchema = ReturnType<typeof headerSchema>;

let schema: HeaderSchema | undefined;

/** The schema of a detection's header. zod is loaded when one is first checked: most runs check none. */
export function HEADER(): HeaderSchema {
  schema ??= headerSchema((require('zod') as typeof import('zod')).z);
  return schema;
}

function headerSchema(z: Zod) {
  const texts = z.array(z.string());
  const byTable = z.record(z.string(), texts);
  const named = z.strictObject({ id: z.string(), name: z.string() });
  return z.strictObject({
    id: z.string(),
    title: z.string(),
    description: z.string(),
    technique: named,
    tactic: named,
    severity: z.enum(['informational', 'low', 'medium', 'high']),
    confidence: z.enum(['low', 'medium', 'high']),
    combines: z.record(z.string(), z.string()).optional(),
    tables: z
      .record(z.string(), z.array(z.string()).min(1))
      .refine((tables) => Object.keys(tables).length > 0, 'At least one table, with its columns'),
    optional_tables: texts.optional(),
    null_strings: byTable.optional(),
    evidence_only: byTable.optional(),
    parameters: z.record(z.string(), parameter(z)).optional(),
    recorded: z.record(z.string(), z.string().regex(/^\w+\.\w+$/, 'Table.Column')).optional(),
    macros: texts.optional(),
    extractions: z
      .record(z.string(), z.record(z.string(), z.enum(['selects', 'excludes', 'equals'])))
      .optional(),
    finding: finding(z).optional(),
    flagship: z.boolean().optional(),
    false_positives: texts.optional(),
    blind_spots: texts.optional(),
    references: texts.optional(),
    created: date(z).optional(),
    updated: date(z).optional(),
  });
}

function parameter(z: Zod) {
  return z.strictObject({
    type: z.enum(Object.keys(TYPES) as [ParameterType, ...ParameterType[]]),
    description: z.string(),
    default: z.custom((value) => value !== undefined),
    values: z.array(z.string()).min(1).optional(),
    least: z.number().optional(),
    most: z.number().optional(),
  });
}

function finding(z: Zod) {
  const columns = z.array(z.string()).min(1);
  return z.strictObject({
    identity: columns,
    without_pid: columns.optional(),
    first: z.string(),
    last: z.string(),
    reach: z.string().optional(),
    since: z.string().optional(),
    pairs: z
      .strictObject({
        tables: z.array(z.string()).length(2, 'Two tables'),
        alike: columns,
      })
      .optional(),
  });
}

function date(z: Zod) {
  const isDate = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text) && parseInstant(text) !== undefined;
  return z.string(DATE).refine(isDate, DATE);
}

const DATE = 'A date such as 2026-01-31';
