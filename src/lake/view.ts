import { quoteIdentifier, quoteString } from '../dialect/duckdb/quote.ts';
import type { Column, KqlType } from '../schema/kql-types.ts';
import { CLASSIFIED } from './address-class.ts';
import { absent, CARRIER, convert, type PhysicalColumn, toCarriedDecimal } from './convert.ts';
import { type FileGroup, physical } from './group.ts';
import type { Contract } from './tables/contract.ts';
import { wrongType } from './unreadable/bad-value.ts';
import { type Unreadable, UnreadableFiles } from './unreadable/unreadable-files.ts';
import { type ViewColumn, viewColumns } from './view-columns.ts';

/** Instants between which a run looks, in microseconds since the epoch: `since` included, `until` not. */
export interface TimeBounds {
  readonly since?: bigint | undefined;
  readonly until?: bigint | undefined;
}

export interface ViewRequest {
  readonly table: string;
  readonly contract: Contract | undefined;
  readonly groups: readonly FileGroup[];
  readonly bounds: TimeBounds;
  readonly dedupe?: boolean | undefined;
  readonly partitionDate?: string | undefined;
  /** Derive RemoteIPType from RemoteIP instead of reading it. */
  readonly classifyAddresses?: boolean | undefined;
  /** Columns of text whose nulls stay null: who asks for them turns them into '' later, when few rows are left. */
  readonly nullStrings?: readonly string[] | undefined;
  /** Timespans as whole numbers of 100 ns, as KQL counts with them, in place of INTERVAL. */
  readonly ticks?: boolean | undefined;
}

/** A table of the lake as its view gives it. */
export interface TableView {
  readonly columns: readonly Column[];
  /** A SELECT over the files; one that gives no rows where there are none. */
  readonly sql: string;
}

/** Defender's name of the event's time and Sentinel's: each stands in where a file has only the other. */
const TIME_COLUMNS = ['Timestamp', 'TimeGenerated'];

/**
 * The view that turns files into the contract: one SELECT per group of like files, the contract's columns in
 * its order and types, then what else the files have, and the time bounds in the physical type of each group's
 * timestamp. A cast in between would lose the pruning of row groups (5 ms became 99 to 194 ms on 2 M rows).
 *
 * @throws UnreadableFiles where files lack a required column, or have one of a type that cannot be its own
 */
export function tableView(request: ViewRequest): TableView {
  const { contract, groups } = request;
  const columns = viewColumns(contract, groups);
  const selects = groups.map((group) => groupSelect(request, columns, group));
  const rows = selects.length > 0 ? selects.join('\nUNION ALL\n') : emptySelect(columns);
  return {
    columns: columns.map(({ name, type }) => ({ name, type })),
    sql: request.dedupe && isIdentified(columns) ? onceEach(rows) : rows,
  };
}

/** What identifies an event in Defender's tables, once its export has been delivered twice. */
export const EVENT_KEY = ['DeviceId', 'ReportId', 'Timestamp'];

function isIdentified(columns: readonly Column[]): boolean {
  return EVENT_KEY.every((key) =>
    columns.some(({ name, type }) => name === key && (key !== 'DeviceId' || type === 'string')),
  );
}

/**
 * A SELECT of rows, each event once. Rows without a DeviceId or a ReportId cannot be told apart by them, and stay. Of copies
 * that differ, the first in the order of these columns counts; any, without them.
 */
export function onceEach(rows: string, columns: readonly string[] = []): string {
  const order = columns.length === 0 ? '' : ` ORDER BY ${columns.map(quoteIdentifier).join(', ')}`;
  return `SELECT *
FROM (
${rows}
) AS delivered
QUALIFY DeviceId = ''
  OR ReportId IS NULL
  OR row_number() OVER (PARTITION BY ${EVENT_KEY.join(', ')}${order}) = 1`;
}

function groupSelect(request: ViewRequest, columns: readonly ViewColumn[], group: FileGroup): string {
  requireColumns(request.table, columns, group);
  const outputs = columns.map((column) => {
    const expression = outputExpression(request, column, group);
    const name = quoteIdentifier(column.name);
    return expression === name ? name : `${expression} AS ${name}`;
  });
  const conditions = [...partitionBounds(group, request), ...timeBounds(group, request.bounds)];
  const where = conditions.length === 0 ? [] : [`WHERE ${conditions.join('\n  AND ')}`];
  return ['SELECT', `  ${outputs.join(',\n  ')}`, `FROM ${group.relation}`, ...where].join('\n');
}

function outputExpression(request: ViewRequest, column: ViewColumn, group: FileGroup): string {
  const { contract, classifyAddresses } = request;
  const address = contract?.columns.find(({ name }) => name === CLASSIFIED.from);
  if (!classifyAddresses || column.name !== CLASSIFIED.column || address === undefined) {
    const expression = columnExpression(column, group, request.nullStrings);
    return request.ticks && column.type === 'timespan' ? `10 * epoch_us(${expression})` : expression;
  }
  return `address_class(${columnExpression(address, group)})`;
}

function requireColumns(table: string, columns: readonly ViewColumn[], group: FileGroup): void {
  const required = columns.filter((column) => column.required);
  const missing = required.filter((column) => source(group, column) === undefined);
  if (missing.length > 0) {
    throw unlike(
      group,
      `${missing.length === 1 ? 'column' : 'columns'} ${listed(missing)} of ${table} ${missing.length === 1 ? 'is' : 'are'} missing`,
      `the file has ${named(group.recorded ?? group.columns.map(({ name }) => name))}`,
    );
  }
  for (const column of required) {
    const found = source(group, column)!;
    if (converted(found, column.type, group) !== undefined) continue;
    throw unlike(group, wrongType(found, column.type), `write it as ${CARRIER[column.type]}`);
  }
}

function columnExpression(column: ViewColumn, group: FileGroup, nullStrings: readonly string[] = []): string {
  const found = source(group, column);
  if (found === undefined) return absent(column.type);
  if (nullStrings.includes(column.name) && found.type === 'VARCHAR') return quoteIdentifier(found.name);
  const natural = converted(found, column.type, group);
  const expression = natural && column.scales ? toCarriedDecimal(natural, found) : natural;
  // An optional column of a type that cannot be read is an error only for those who ask for it.
  return expression ?? `error(${quoteString(wrongType(found, column.type))})::${CARRIER[column.type]}`;
}

/** A column of the files as the type; a Hive key is text as a CSV's column is. */
function converted(found: PhysicalColumn, type: KqlType, { text, hiveKeys }: FileGroup): string | undefined {
  return convert(found, type, text || hiveKeys?.includes(found.name) === true);
}

/** The file's column that a column of the view is read from. */
function source(group: FileGroup, { name }: ViewColumn): PhysicalColumn | undefined {
  return physical(group, name) ?? physical(group, standIn(name));
}

function standIn(name: string): string | undefined {
  return TIME_COLUMNS.includes(name) ? TIME_COLUMNS.find((each) => each !== name) : undefined;
}

/** Whole files by their partition's date, where the user has said that it is the events' own. */
function partitionBounds(
  group: FileGroup,
  { bounds: { since, until }, partitionDate }: ViewRequest,
): string[] {
  const key = group.hiveKeys?.find((each) => each.toLowerCase() === partitionDate?.toLowerCase());
  if (key === undefined) return [];
  const day = quoteIdentifier(key);
  return [
    ...(since === undefined ? [] : [`${day} >= strftime(make_timestamp(${since}), '%Y-%m-%d')`]),
    ...(until === undefined ? [] : [`${day} <= strftime(make_timestamp(${until}), '%Y-%m-%d')`]),
  ];
}

function timeBounds(group: FileGroup, { since, until }: TimeBounds): string[] {
  const time = physical(group, 'Timestamp') ?? physical(group, 'TimeGenerated');
  if (time === undefined || (since === undefined && until === undefined)) return [];
  const { left, unit, type } = comparable(time, group);
  const literal = (micros: bigint) => {
    if (type === 'TIMESTAMP_NS' && micros < FIRST_OF_NS) return `TIMESTAMP_NS '-infinity'`;
    if (type === 'TIMESTAMP_NS' && micros > LAST_OF_NS) return `TIMESTAMP_NS 'infinity'`;
    return `make_timestamp(${micros})::${type}`;
  };
  return [
    ...(since === undefined ? [] : [`${left} >= ${literal(floorTo(since, unit))}`]),
    ...(until === undefined ? [] : [`${left} < ${literal(-floorTo(-until, unit))}`]),
  ];
}

/** The instants between which TIMESTAMP_NS can tell: the years 1677 and 2262. */
const [FIRST_OF_NS, LAST_OF_NS] = [-9_223_286_400_000_000n, 9_223_372_036_854_775n];

/** Microseconds in the coarse timestamp types; bounds are widened to whole units of them, so that no row is lost. */
const COARSE: Readonly<Record<string, bigint>> = { TIMESTAMP_S: 1_000_000n, TIMESTAMP_MS: 1000n };

/** The physical time column as it can be compared without a cast. */
function comparable(time: PhysicalColumn, group: FileGroup): { left: string; unit: bigint; type: string } {
  const left = quoteIdentifier(time.name);
  const type = time.type.toUpperCase();
  if (type.startsWith('TIMESTAMP')) return { left, unit: COARSE[type] ?? 1n, type };
  return { left: converted(time, 'datetime', group) ?? left, unit: 1n, type: 'TIMESTAMP' };
}

function floorTo(micros: bigint, unit: bigint): bigint {
  const remainder = ((micros % unit) + unit) % unit;
  return micros - remainder;
}

function emptySelect(columns: readonly ViewColumn[]): string {
  return `SELECT\n  ${columns.map((column) => `${absent(column.type)} AS ${quoteIdentifier(column.name)}`).join(',\n  ')}\nWHERE false`;
}

function unlike(group: FileGroup, problem: string, hint: string): UnreadableFiles {
  const blamed = group.files.map(({ path }) => ({ file: path, problem, hint }));
  return new UnreadableFiles(
    blamed.length === 0
      ? [{ file: 'the Arrow table', problem, hint }]
      : (blamed as [Unreadable, ...Unreadable[]]),
  );
}

function listed(columns: readonly { readonly name: string }[]): string {
  return named(columns.map(({ name }) => name));
}

function named(names: readonly string[]): string {
  return names.length <= 12
    ? names.join(', ')
    : `${names.slice(0, 12).join(', ')} and ${names.length - 12} more`;
}
