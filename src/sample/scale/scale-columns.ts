import { quoteIdentifier } from '../../dialect/duckdb/quote.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import type { TableName } from '../events.ts';
import { sampleColumns } from '../write.ts';
import type { ScaleScope } from './scale-options.ts';

/** A day's columns of a table as a SELECT list, in the types that its file has. */
export function scaleColumns(scope: ScaleScope, table: TableName, day: number): string[] {
  const columns = sampleColumns(table).filter(({ name }) => scope.wide || READ[table].has(name));
  return columns.flatMap(({ name, type }) => {
    const physical = physicalType(scope, day, name, type);
    if (physical === undefined) return [];
    const value = name === 'AppGuardContainerId' ? "''" : quoteIdentifier(name);
    return [`CAST(${value} AS ${physical}) AS ${quoteIdentifier(name)}`];
  });
}

/** What the detection reads of each table: the columns of a narrow lake. */
const READ: Readonly<Record<TableName, ReadonlySet<string>>> = {
  DeviceImageLoadEvents: new Set([
    'Timestamp',
    'DeviceId',
    'DeviceName',
    'FileName',
    'ReportId',
    'InitiatingProcessId',
    'InitiatingProcessFileName',
    'InitiatingProcessCommandLine',
    'InitiatingProcessAccountName',
    'InitiatingProcessSHA256',
  ]),
  DeviceNetworkEvents: new Set([
    'Timestamp',
    'DeviceId',
    'DeviceName',
    'ActionType',
    'RemoteIP',
    'RemotePort',
    'RemoteIPType',
    'RemoteUrl',
    'ReportId',
    'InitiatingProcessId',
    'SentBytes',
    'ReceivedBytes',
  ]),
};

const PHYSICAL: Readonly<Partial<Record<KqlType, string>>> = {
  bool: 'BOOLEAN',
  datetime: 'TIMESTAMP',
  int: 'INTEGER',
  long: 'BIGINT',
  real: 'DOUBLE',
};

/**
 * What a column is on a day, undefined where that day's file lacks it. In a lake that drifts, the first third of
 * the days counts no bytes and has ports as BIGINT, and the last third has zoned timestamps.
 */
function physicalType(scope: ScaleScope, day: number, name: string, type: KqlType): string | undefined {
  const third = scope.drift ? Math.floor((3 * day) / scope.days) : 1;
  if (third === 0 && (name === 'SentBytes' || name === 'ReceivedBytes')) return undefined;
  if (third === 0 && name === 'RemotePort') return 'BIGINT';
  if (third === 2 && type === 'datetime') return 'TIMESTAMPTZ';
  return PHYSICAL[type] ?? 'VARCHAR';
}
