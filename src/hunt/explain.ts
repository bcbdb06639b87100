import { macroText } from '../dialect/duckdb/macro-text.ts';
import { all } from '../engine/run.ts';
import type { Lake } from '../lake/lake.ts';
import { tablesOf } from './hunt-tables.ts';
import { type PlanNode, planText } from './plan-text.ts';
import type { PreparedHunt } from './prepare.ts';
import { detectionScript } from './script.ts';

/** The hunt as a script with its values set, over the lake's own views, and the engine's plan. Reads no rows. */
export async function explainHunt(lake: Lake, hunt: PreparedHunt): Promise<{ script: string; plan: string }> {
  const { detection, values, bindings } = hunt;
  const { present, absent } = tablesOf(lake, detection);
  const views: Record<string, string> = {};
  for (const table of Object.keys(detection.tables)) {
    const view = present.includes(table) ? await lake.view(table, hunt.bounds) : lake.emptyView(table);
    views[table] = view.sql;
  }
  const recorded = Object.fromEntries(
    Object.keys(detection.recorded).map((name) => [name, bindings.values[name] === true]),
  );
  const plan = await lake.reading(present, () =>
    lake.connected(present, hunt.bounds, async (connection) => {
      for (const sql of absent) await all(connection, sql);
      for (const macro of detection.macros) await all(connection, macroText(macro));
      const [row] = await all(connection, `EXPLAIN (FORMAT json) ${hunt.sql}`, bindings);
      return planText(JSON.parse(String(row?.explain_value)) as PlanNode[]);
    }),
  );
  const printed = { ...detection, sql: hunt.sql };
  return { script: detectionScript(printed, values, { select: views, macros: lake.macros }, recorded), plan };
}
