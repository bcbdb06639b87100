import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../lake/parquet-files.ts';
import { oneImplant } from './small-lake.ts';

/** A job file beside a lake of one implant. */
export async function job(text: string): Promise<string> {
  const lake = await oneImplant(temporaryFolder());
  const path = join(dirname(lake), 'job.yaml');
  writeFileSync(path, text);
  return path;
}

export const JOB = `
# every hour
schedule: "17 * * * *"
lake: lake
work: work
output: { folder: found, format: jsonl }
parameters: { window: 10m }
limits: { threads: 2, memory: 1GB }
detections:
  - t1573.001
  - { detection: t1573.001, name: tuned, parameters: { 'standard_ports+': [4444] } }
`;
