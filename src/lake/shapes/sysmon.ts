import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier } from '../../dialect/duckdb/quote.ts';
import { LakeError } from '../../error.ts';
import type { PhysicalColumn } from '../convert.ts';
import { describe } from '../describe.ts';
import type { JsonContent, Keys, SniffedFile } from '../find/sniff.ts';
import type { FileGroup } from '../group.ts';
import { keysOf, rowKeys } from '../json/json-keys.ts';
import { readJson, structType } from '../json/json-read.ts';
import { alike } from './alike.ts';
import { requireColumnNames } from './columns.ts';
import { queryOver, telemetrySql } from './telemetry.ts';

/** The tables that Sysmon's events feed; each has a query in sql/telemetry/sysmon. */
export const SYSMON_TABLES: readonly string[] = [
  'DeviceImageLoadEvents',
  'DeviceNetworkEvents',
  'DeviceProcessEvents',
];

/**
 * Fields of Sysmon's events that the queries read, named as Sysmon names them.
 * https://learn.microsoft.com/sysinternals/downloads/sysmon
 */
const EVENT_FIELDS = [
  'UtcTime',
  'ProcessGuid',
  'ProcessId',
  'Image',
  'User',
  'CommandLine',
  'IntegrityLevel',
  'LogonId',
  'ParentProcessGuid',
  'ParentProcessId',
  'ParentImage',
  'ParentCommandLine',
  'ParentUser',
  'ImageLoaded',
  'Hashes',
  'Company',
  'Product',
  'Description',
  'OriginalFileName',
  'Initiated',
  'Protocol',
  'SourceIp',
  'SourceHostname',
  'SourcePort',
  'DestinationIp',
  'DestinationHostname',
  'DestinationPort',
];

/** What a flat event's fields must be for the queries to read them. */
export const SYSMON_CHECKED: readonly PhysicalColumn[] = [{ name: 'UtcTime', type: 'TIMESTAMPTZ' }];

/** Fields of the log record around a flat event. */
const RECORD_FIELDS = ['EventID', 'Hostname', 'Computer', 'RecordNumber', 'EventRecordID'];

/** Every Sysmon log of the table in one group, whatever its nesting: a process's creation may be in any of the files. */
export async function sysmonGroup(
  connection: DuckDBConnection,
  table: string,
  files: readonly SniffedFile[],
): Promise<FileGroup> {
  if (!SYSMON_TABLES.includes(table)) throw feedsOthers(table, files[0]!);
  const flat = files.filter((file) => !windows(file).nested);
  const found = await keysOf(connection, flat);
  const events = eventsOf(files, (file) => rowKeys(found, file));
  const query = queryOver(
    {
      export: events,
      // The log is read once more for the processes: shared, DuckDB would keep all of it in memory.
      processes: queryOver({ export: events }, telemetrySql('sysmon/processes')),
    },
    telemetrySql(`sysmon/${table}`),
  );
  const relation = `(\n${query}\n)`;
  return {
    files: files.map(({ file }) => file),
    shape: 'sysmon',
    relation,
    columns: await describe(connection, relation),
    text: false,
  };
}

/** Whether a Windows event log holds any Sysmon event; the first records alone may be other logs'. */
export async function holdsSysmon(connection: DuckDBConnection, file: SniffedFile): Promise<boolean> {
  if (windows(file).sysmon) return true;
  const events = eventsOf([file], ({ content }) =>
    content.shape === 'windows-events' ? content.keys : new Set(),
  );
  const result = await connection.run(
    `SELECT 1 FROM (\n${events}\n) WHERE UtcTime IS NOT NULL AND ProcessGuid IS NOT NULL LIMIT 1`,
  );
  return (await result.getRows()).length > 0;
}

/** A SELECT of the files' events, one row each, all fields as text. `keysOfFile` gives the keys that a file's records have. */
function eventsOf(files: readonly SniffedFile[], keysOfFile: (file: SniffedFile) => Keys): string {
  const logs = files.map((file) => ({ file, fields: fieldsOf(file, keysOfFile(file)) }));
  return alike(logs, ({ file, fields }) => JSON.stringify([file.layout, windows(file).nested, fields]))
    .map((group) => {
      const some = group.map(({ file }) => file);
      return windows(some[0]!).nested ? nestedEvents(some) : flatEvents(some, group[0]!.fields);
    })
    .join('\nUNION ALL BY NAME\n');
}

/** A field as a file spells its key, and as Sysmon names it. */
type Field = readonly [key: string, name: string];

function flatEvents(files: readonly SniffedFile[], fields: readonly Field[]): string {
  const read = readJson(
    files,
    fields.map(([name]) => ({ name, type: 'VARCHAR' })),
  );
  const named = fields.map(([key, name]) =>
    key === name ? quoteIdentifier(key) : `${quoteIdentifier(key)} AS ${quoteIdentifier(name)}`,
  );
  return `(${queryOver({ export: `SELECT ${named.join(', ')} FROM ${read}` }, telemetrySql('sysmon/flat'))})`;
}

function nestedEvents(files: readonly SniffedFile[]): string {
  const data = EVENT_FIELDS.map((name) => ({ name, type: 'VARCHAR' }));
  const winlog = structType([
    { name: 'event_id', type: 'VARCHAR' },
    { name: 'computer_name', type: 'VARCHAR' },
    { name: 'record_id', type: 'VARCHAR' },
    { name: 'event_data', type: structType(data) },
  ]);
  const read = readJson(files, [
    { name: 'winlog', type: winlog },
    { name: '@timestamp', type: 'VARCHAR' },
  ]);
  return `(${queryOver({ export: `SELECT winlog FROM ${read}` }, telemetrySql('sysmon/winlogbeat'))})`;
}

/** The fields to read. */
function fieldsOf(file: SniffedFile, keys: Keys): Field[] {
  if (windows(file).nested) return EVENT_FIELDS.map((name) => [name, name]);
  const fields = [...RECORD_FIELDS, ...EVENT_FIELDS];
  const folded = new Set(fields.map((name) => name.toLowerCase()));
  const own = [...keys].filter((key) => folded.has(key.toLowerCase()));
  requireColumnNames(file, new Set(own));
  const spelled = new Map(own.map((key) => [key.toLowerCase(), key]));
  return fields.map((name) => [spelled.get(name.toLowerCase()) ?? name, name]);
}

function windows({ content }: SniffedFile): Extract<JsonContent, { shape: 'windows-events' }> {
  if (content.shape !== 'windows-events') throw new TypeError(`not a Windows event log: ${content.shape}`);
  return content;
}

function feedsOthers(table: string, { file }: SniffedFile): LakeError {
  return new LakeError(`${file.path}: a Sysmon log, which has no rows of ${table}`, {
    file: file.path,
    hint: `Sysmon's events feed ${SYSMON_TABLES.join(', ')}: put the log in a folder of another name`,
  });
}
