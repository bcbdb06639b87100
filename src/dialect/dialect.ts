/** All that translation asks of a dialect of SQL: what it has a form for, and how it writes a plan. */
import type { Plan, PlanKind } from '../plan/nodes.ts';
import type { KqlType } from '../schema/kql-types.ts';
import type { AggregateTable, FunctionTable } from './function-row.ts';
import type { JavaScriptFunction } from './javascript-function.ts';

/** By the names that the plan's calls have: Kusto's, and the operators' (`add`, `equal`, `has`). */
export interface FunctionTables {
  readonly functions: FunctionTable;
  readonly aggregates: AggregateTable;
  readonly windows: AggregateTable;
}

export interface Dialect extends FunctionTables {
  /** As diagnostics call it. */
  readonly name: string;
  /** The kinds of steps that `print` cannot write. */
  readonly lacks: ReadonlySet<PlanKind>;
  /** How many steps one query may have, scans aside. */
  readonly mostSteps: number;
  /** How often one query may read tables, where what only selects and unites rows is done anew wherever it is read. */
  readonly mostReads: number;
  /** Whether a `convert` call between these types has a form. */
  converts(from: KqlType, to: KqlType): boolean;
  /** Ticks of 100 ns in the shortest time that a datetime holds: 10 or more, as the plan counts in microseconds. */
  readonly datetimeTicks: bigint;
  /** `names` are the result's column names, in order; they may differ from the plan's (`refs`) only in spelling. */
  print(plan: Plan, names: readonly string[], refs: readonly string[]): Printed;
}

/** The query step by step: what each is called in the SQL. */
export interface Step {
  readonly cte: string;
  readonly plan: Plan;
}

export interface Printed {
  readonly sql: string;
  readonly steps: readonly Step[];
  /** Statements to run once before the query, each after those that it uses. */
  readonly macros: readonly string[];
  /** Functions that the engine must be told of before the query. */
  readonly javascript: readonly JavaScriptFunction[];
}
