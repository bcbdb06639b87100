import { UsageError } from '../error.ts';
import type { FormatName } from '../report/formats.ts';

/** The formats whose output is one document, with one set of columns. */
const ONE_DOCUMENT: readonly FormatName[] = ['json', 'parquet', 'arrow'];

/** Throws where the findings of several detections would be several documents in one stream. `way` is a way out. */
export function checkDocuments(format: FormatName, detections: number, way: string): void {
  if (detections < 2 || !ONE_DOCUMENT.includes(format)) return;
  throw new UsageError(`one ${format} document cannot hold the findings of ${detections} detections`, {
    hint: `${way}; or write jsonl`,
  });
}
