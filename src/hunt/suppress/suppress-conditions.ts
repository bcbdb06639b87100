import { quoteString, quoteStrings } from '../../dialect/duckdb/quote.ts';
import type { Bindings } from '../../engine/run.ts';
import { parseCidr } from './cidr.ts';
import type { SuppressionMatch } from './suppressions.ts';

/** A condition of a rule as SQL over the findings' columns and, where `facts` are joined to them, over those. */
export type Condition = (values: readonly string[], columns: ReadonlySet<string>, facts: boolean) => string;

/** How the conditions of rules read in one kind of findings. */
export type Conditions = Readonly<Record<keyof SuppressionMatch, Condition>>;

/** What the telemetry is asked for beyond the findings' rows. */
export interface FactsAsked {
  /** The condition of the findings that it is asked for. */
  readonly open: string;
  /** Whether a rule names signers. */
  readonly signers: boolean;
  /** What the names of the telemetry's tables begin with. */
  readonly prefix: string;
  /** Those that there are, by their own names. */
  readonly tables: ReadonlySet<string>;
}

/** How rules read in one kind of findings. */
export interface RulesOn {
  readonly conditions: Conditions;
  /** Whether a rule looks at what the findings' rows do not say, and the telemetry does. */
  needsFacts(match: SuppressionMatch): boolean;
  /** Whether the findings have the columns by which their events are found again. */
  canLookUp(columns: ReadonlySet<string>): boolean;
  /** The statement that makes the table `facts`, of what the telemetry says of the findings in `hunted`. */
  factsOf(columns: ReadonlySet<string>, asked: FactsAsked): string;
  /**
   * The statement that makes what conditions look into whether or not there are facts.
   *
   * @param connections the columns of DeviceNetworkEvents as the hunt itself reads it
   * @param values the hunt's own parameters
   */
  prepare?(
    rules: readonly SuppressionMatch[],
    columns: ReadonlySet<string>,
    connections: ReadonlySet<string>,
    values: Bindings['values'],
  ): string;
  /** Joins the facts to the findings. */
  readonly join: string;
  /** The statement that leaves in `judged`, of rows that tell the same, one of those that rules hide and one of the others. */
  fold?(): string;
}

/** What a rule asks of a finding, as SQL that is never null. */
export function conditionOf(
  match: SuppressionMatch,
  conditions: Conditions,
  columns: ReadonlySet<string>,
  facts: boolean,
): string {
  const parts = Object.entries(match).map(([key, values]) =>
    conditions[key as keyof SuppressionMatch](values as readonly string[], columns, facts),
  );
  return parts.map((part) => `coalesce(${part}, false)`).join(' AND ');
}

/** A column that is one of the values, in any casing; false for findings without the column. */
export const oneOf =
  (column: string): Condition =>
  (values, columns) =>
    columns.has(column) ? `lower(${column}) IN ${folded(values)}` : 'false';

/** Every item of a list, of which there is one at least. It does not hold of an item of which it is not known. */
export const every = (list: string, holds: string) =>
  `(len(${list}) > 0 AND len(list_filter(${list}, lambda x: NOT coalesce(${holds}, false))) = 0)`;

/** Of the facts: every path of the process's file. */
export const everyPath: Condition = (values, _, facts) =>
  facts
    ? every('Paths', values.map((each) => `x GLOB lower(${quoteString(globOf(each))})`).join(' OR '))
    : 'false';

/** Of the facts: every file of the process is signed by one of these. */
export const everySigner: Condition = (values, _, facts) =>
  facts ? `(AllSigned AND ${every('Signers', `list_has_any(x, ${folded(values)})`)})` : 'false';

/** Of the facts: every destination, each with its address and its host, lies in a block or a domain. */
export const everyDestination: Condition = (values, _, facts) => {
  if (!facts) return 'false';
  const hosts = values
    .filter((each) => parseCidr(each) === undefined)
    .map((each) => each.toLowerCase())
    .map((each) => `x.host = ${quoteString(each)} OR ends_with(x.host, ${quoteString(`.${each}`)})`);
  return every('Destinations', [...within('x.ip', values), ...hosts].join(' OR '));
};

/** Whether an address lies in one of the blocks among the values, a condition for each. */
export function within(address: string, values: readonly string[]): string[] {
  return values
    .flatMap((each) => parseCidr(each) ?? [])
    .map(({ first, last }) => `address_hex(${address}) BETWEEN '${first}' AND '${last}'`);
}

export const anyPattern = (text: string, values: readonly string[]) =>
  `(${values.map((each) => `regexp_matches(${text}, ${quoteString(each)})`).join(' OR ')})`;

/** Values to compare with what lower() gives: JavaScript's own lower case differs from the engine's, as of İ. */
export const folded = (values: readonly string[]) =>
  `list_transform(${quoteStrings(values)}, lambda value: lower(value))`;

/** The signers of each file by its SHA-1, where the certificate is trusted; none where no rule asks. */
export function signersByHash({ signers, prefix }: FactsAsked): string {
  return signers
    ? `SELECT lower(SHA1) AS SHA1, list(DISTINCT lower(Signer)) AS SignedBy FROM ${prefix}DeviceFileCertificateInfo
       WHERE IsSigned AND IsTrusted GROUP BY ALL`
    : "SELECT ''::VARCHAR AS SHA1, []::VARCHAR[] AS SignedBy WHERE false";
}

/** The engine's glob knows ? and [ as well, which in a path are themselves. */
function globOf(path: string): string {
  return path.replace(/\\/g, '\\\\').replace(/[?[]/g, (each) => `[${each}]`);
}
