import { extname } from 'node:path';
import type { Task } from '../contender.ts';
import type { Entry } from '../measure.ts';

/** Everybody who is measured, by label: the module and the function in it. */
const CONTENDERS = {
  hunt: ['./hunt', 'hunt'],
  'stages of the hunt': ['./hunt', 'stages'],
  'bare scan': ['./floor', 'floor'],
  beacons: ['./beacons', 'beacons'],
  'bare scan for beacons': ['./beacons', 'scan'],
  'plain hunt': ['./batch', 'plainHunt'],
  batch: ['./batch', 'batch'],
  'naive join': ['./naive', 'naive'],
  translating: ['./translating', 'translating'],
  'detection in KQL': ['./kql', 'detectionInKql'],
  'detection in SQL': ['./kql', 'detectionInSql'],
  'command line': ['./cold', 'cold'],
  'Arrow in': ['./arrow', 'arrowIn'],
  'Arrow out': ['./arrow', 'arrowOut'],
  ClickHouse: ['../peers/clickhouse', 'clickhouse'],
  Polars: ['../peers/polars', 'polars'],
  SQLite: ['../peers/sqlite', 'sqlite'],
  'TypeScript loop': ['../peers/typescript', 'typescript'],
} as const;

export type ContenderName = keyof typeof CONTENDERS;

/** The contender on a task, under its own name or another. */
export function entry(name: ContenderName, task: Task, label: string = name): Entry {
  const [module, fn] = CONTENDERS[name];
  return { label, module: new URL(`${module}${extname(import.meta.url)}`, import.meta.url), name: fn, task };
}
