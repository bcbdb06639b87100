/**
 * The project's own cases: a query, the rows that Kusto's documentation or a hand calculation gives for it, and the
 * page that says so. Drop a file into cases/ to add some.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openEngine, runTranslation, translateFully } from './engine.ts';

interface Case {
  readonly query: string;
  readonly columns?: readonly string[];
  readonly rows?: readonly (readonly unknown[])[];
  /** The code that it is refused with. */
  readonly refused?: string;
  readonly docs: string;
}

const folder = new URL('cases/', import.meta.url);
let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openEngine();
});

for (const file of readdirSync(folder).sort()) {
  describe(file.replace(/\.yaml$/, ''), () => {
    const cases = parse(readFileSync(new URL(file, folder), 'utf8')) as Case[];
    test.each(cases.map((each) => [each.query.trim(), each] as const))('%s', async (_, each) => {
      const translation = await translateFully(connection, each.query);
      const errors = translation.diagnostics
        .filter(({ severity }) => severity === 'error')
        .map(({ code }) => code);
      expect(errors).toEqual(each.refused ? [each.refused] : []);
      if (each.refused) return;
      if (each.columns)
        expect(translation.columns.map(({ name, type }) => `${name}:${type}`)).toEqual(each.columns);
      expect(await runTranslation(connection, translation)).toEqual(each.rows);
    });
  });
}
