/** merganser: Microsoft Defender and Sentinel hunts over one's own telemetry lake. */
export {
  type BatchControl,
  type BatchJob,
  type BatchStatus,
  batchStatus,
  type RunReport,
  runBatch,
} from './api/batch.ts';
export { Hits, type Row } from './api/hits.ts';
export {
  type AddressReport,
  type HuntControl,
  type HuntOptions,
  type LakeOptions,
  type LakeSource,
  openLake,
  type SqlControl,
  type TableReport,
  TelemetryLake,
} from './api/open-lake.ts';
export { LakeError, MerganserError, UsageError } from './error.ts';
export { type Detection, listDetections } from './hunt/detection.ts';
export { KqlError, type KqlRequest, translateKql as translate } from './hunt/kql.ts';
export type { SuppressionReport } from './hunt/suppress.ts';
export { readSuppressions, type SuppressionRule } from './hunt/suppressions.ts';
export { type Diagnostic, formatDiagnostic } from './kql/diagnostics.ts';
export type { TranslateOptions, Translation } from './kql/translate.ts';
export type { Column, KqlType } from './schema/kql-types.ts';
