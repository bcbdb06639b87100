/** merganser: Microsoft Defender and Sentinel hunts over one's own telemetry lake. */
export {
  type BatchControl,
  type BatchJob,
  type BatchStatus,
  batchStatus,
  type RunReport,
  runBatch,
  type TableStatus,
} from './api/batch.ts';
export { Hits, type Row } from './api/hits.ts';
export type { HuntControl, HuntOptions } from './api/hunt-options.ts';
export {
  type AddressReport,
  type LakeOptions,
  type LakeSource,
  openLake,
  type TableReport,
  TelemetryLake,
} from './api/open-lake.ts';
export type { SqlControl } from './api/sql-control.ts';
export type { ResultColumn, ResultStream } from './engine/result.ts';
export type { RunOptions } from './engine/run.ts';
export type { Json } from './engine/values.ts';
export { LakeError, MerganserError, UsageError } from './error.ts';
export type { Detection } from './hunt/detection/detection.ts';
export { listDetections } from './hunt/detection/find-detections.ts';
export { KqlError, type KqlRequest, translateKql as translate } from './hunt/kql.ts';
export type { ParameterDefinition, ParameterSettings } from './hunt/parameters.ts';
export type { Columns, Variant } from './hunt/prepare.ts';
export type { SuppressionReport } from './hunt/suppress/suppress.ts';
export {
  readSuppressions,
  type SuppressionMatch,
  type SuppressionRule,
} from './hunt/suppress/suppressions.ts';
export type { Proposals, TuneOptions } from './hunt/tune/tune.ts';
export type { Proposal } from './hunt/tune/tune-statement.ts';
export { type Diagnostic, formatDiagnostic } from './kql/diagnostics.ts';
export type { Environment } from './kql/environment.ts';
export type { ExplainedStep, TranslateOptions, Translation } from './kql/translate.ts';
export type { SqlParameters } from './lake/sql-parameters.ts';
export type { Column, KqlType } from './schema/kql-types.ts';
