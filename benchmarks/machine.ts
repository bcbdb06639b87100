import { arch, availableParallelism, cpus, totalmem, type } from 'node:os';
import { version } from '@duckdb/node-api';

/** What the figures were measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly system: string;
  readonly node: string;
  readonly duckdb: string;
}

export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 1e9),
    system: `${type()} ${arch()}`,
    node: process.version,
    duckdb: version(),
  };
}
