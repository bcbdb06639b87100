import type { DuckDBConnection } from '@duckdb/node-api';
import { duckdb } from '../dialect/duckdb/index.ts';
import { registerJavascript } from '../engine/javascript.ts';
import { all, type RunOptions } from '../engine/run.ts';
import type { Spool } from '../engine/spool.ts';
import { UsageError } from '../error.ts';
import { type Diagnostic, didYouMean, formatDiagnostic } from '../kql/diagnostics.ts';
import type { DiscoveredRows } from '../kql/discovery.ts';
import { type TranslateOptions, type Translation, translate } from '../kql/translate.ts';
import type { Lake } from '../lake/lake.ts';
import { contractTables, documentedTable } from '../lake/tables/contract.ts';
import type { Column } from '../schema/kql-types.ts';
import { commonBounds, rangesRead } from './kql-bounds.ts';
import { geoTable, suppliedTo } from './supplied.ts';
import { tablesMeant } from './tables-named.ts';
import { emptyRanges } from './time-range.ts';

/** How a KQL query runs. */
export interface KqlRequest extends RunOptions {
  /** What `now()` and `ago()` count from; the start of the run where left out. */
  readonly now?: Date | undefined;
  /** Values of `declare query_parameters`. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** The column that `ingestion_time()` reads; without it that function is refused. */
  readonly ingestionTime?: string | undefined;
  /** What diagnostics call the query. */
  readonly file?: string | undefined;
  /** Told what was dropped or should be known, one diagnostic at a time; and why there are no rows, where no event is in range. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/** A query that was not translated. The message holds every diagnostic, the source underlined. */
export class KqlError extends UsageError {
  override readonly name: string = 'KqlError';
  /** What is wrong, each with its code and position. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(query: string, file: string, diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((each) => formatDiagnostic(query, each, file)).join('\n\n'));
    this.diagnostics = diagnostics;
  }
}

/**
 * KQL to DuckDB's SQL, over the given tables; where none are given, over every documented table as a lake's contract has it.
 * No engine, no files: what is wrong or refused is in `diagnostics`, and `sql` is then empty.
 */
export function translateKql(query: string, options: TranslateOptions = {}): Translation {
  checkRequest(query, options.now);
  return translate(query, duckdb, { ...options, tables: options.tables ?? contractTables() });
}

/** A query as SQL over the lake's own tables and what its watchlists folder supplies; nothing is run. */
export async function translateOver(
  lake: Lake,
  query: string,
  options: Omit<TranslateOptions, 'tables' | 'environment'> = {},
  ingestionTime?: string,
): Promise<Translation> {
  checkRequest(query, options.now);
  const tables = await tablesNamed(lake, query);
  const environment = await suppliedTo(lake, query, ingestionTime);
  const translation = translateKql(query, { ...options, tables, environment });
  return {
    ...translation,
    diagnostics: translation.diagnostics.map((each) => aboutTheLake(each, query, lake)),
  };
}

/**
 * Runs a KQL query over the lake with the meaning that Kusto gives it.
 * @throws KqlError where the query is wrong or something in it has no translation
 */
export async function runKql(lake: Lake, query: string, request: KqlRequest = {}): Promise<Spool> {
  const { file = 'query.kql', onNote } = request;
  const translation = await translateFully(lake, query, request);
  const errors = translation.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new KqlError(query, file, errors);
  for (const note of translation.diagnostics) onNote?.(formatDiagnostic(query, note, file));
  const keep = { sql: translation.sql, columns: translation.columns };
  const spool = await lake.spool(
    tablesRead(lake, query, translation),
    commonBounds(translation.scans),
    async (connection) => {
      await prepare(connection, translation);
      return keep;
    },
    { ...request, ...AS_KQL_COUNTS },
  );
  if (onNote !== undefined && spool.rowCount === 0) {
    const notes = await emptyRanges(lake, rangesRead(translation.scans), { signal: request.signal });
    for (const note of notes) onNote(`note: ${note}`);
  }
  return spool;
}

/** The SQL of a translation takes the tables' timespans for whole numbers. */
const AS_KQL_COUNTS = { ticks: true } as const;

/** What plain JavaScript may give in place of a query and a time. */
function checkRequest(query: string, now: Date | undefined): void {
  if (typeof query !== 'string') throw new UsageError('a query is text');
  if (now === undefined || (now instanceof Date && !Number.isNaN(now.getTime()))) return;
  throw new UsageError(`now: expected a Date, got ${JSON.stringify(now)}`, {
    hint: "for example new Date('2026-01-31T08:00:00Z')",
  });
}

/** Translates; where columns depend on the data (`pivot`, `bag_unpack`), runs what tells them, and translates again. */
async function translateFully(lake: Lake, query: string, request: KqlRequest): Promise<Translation> {
  const { now = new Date(), parameters = {}, ingestionTime } = request;
  const discovered: Record<string, DiscoveredRows> = {};
  for (;;) {
    const translation = await translateOver(lake, query, { now, parameters, discovered }, ingestionTime);
    const { discover } = translation;
    if (discover === undefined) return translation;
    const read = tablesRead(lake, query, translation);
    const rows = await lake.reading(read, () =>
      lake.connected(
        read,
        commonBounds(translation.scans),
        async (connection) => {
          await prepare(connection, translation);
          return all(connection, discover.sql, undefined, request);
        },
        AS_KQL_COUNTS,
      ),
    );
    discovered[discover.key] = rows.map((row) => {
      const [name, types] = Object.values(row);
      return [String(name), JSON.parse(String(types)) as string[]];
    });
  }
}

async function prepare(connection: DuckDBConnection, { macros, javascript }: Translation): Promise<void> {
  registerJavascript(connection, javascript);
  for (const macro of macros) await all(connection, macro);
}

/** The tables that the SQL names, also where it names one inside a function's argument. */
function tablesRead(lake: Lake, query: string, { scans }: Translation): string[] {
  return [...new Set([...scans.map(({ table }) => table), ...geoTable(lake, query)])];
}

/** The columns of the tables that the query may mean. The schema of a table that is not meant is never read. */
async function tablesNamed(lake: Lake, query: string): Promise<Record<string, readonly Column[]>> {
  const meant = tablesMeant(query);
  const tables: [name: string, columns: readonly Column[]][] = [];
  for (const table of lake.tables) {
    if (meant(table)) tables.push([table, await lake.columns(table)]);
  }
  return Object.fromEntries(tables);
}

/** A documented table that the lake lacks is said to be lacking, not unknown; another may be meant for one of the lake's. */
function aboutTheLake(found: Diagnostic, query: string, lake: Lake): Diagnostic {
  if (!UNKNOWN_NAME.has(found.code)) return found;
  const written = query.slice(found.start, found.start + found.length);
  const named = (found.code === 'KS204' ? /'([^']+)'/.exec(found.message)?.[1] : undefined) ?? written;
  const table = documentedTable(named);
  if (table === undefined || lake.tables.includes(table)) {
    const hint = found.code === 'KS204' ? didYouMean(named, lake.tables) : undefined;
    return hint === undefined ? found : { ...found, hint };
  }
  const has = lake.tables.length === 0 ? 'no tables' : lake.tables.join(', ');
  return { ...found, message: `the lake has no files for ${table}`, hint: `it has ${has}` };
}

/** Codes of a name that is none, which a table's may be. */
const UNKNOWN_NAME: ReadonlySet<string> = new Set(['KS142', 'KS204', 'KS210']);
