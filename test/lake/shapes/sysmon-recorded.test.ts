import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ask, jsonLake, query } from './json-lake.ts';

const TELEMETRY = resolve(import.meta.dirname, '../../../../shared/telemetry');
const SETS = ['empire-psinject-5s-beacon', 'empire-regsvr32-8444', 'meterpreter-8443'];
const TABLES = ['DeviceImageLoadEvents', 'DeviceNetworkEvents'];

describe.skipIf(!existsSync(TELEMETRY))('a raw Sysmon log gives the rows that were recorded from it', () => {
  const cases = SETS.flatMap((set) => TABLES.map((table) => ({ set, table })));

  test.each(cases)('$table of $set, every column, every row', async ({ set, table }) => {
    const folder = await jsonLake({});
    mkdirSync(join(folder, 'sysmon'));
    copyFileSync(join(TELEMETRY, set, 'sysmon/events.jsonl.gz'), join(folder, 'sysmon/events.jsonl.gz'));
    const recorded = join(TELEMETRY, set, 'as-recorded', table, 'part-0.parquet');
    const columns = (await query(`DESCRIBE SELECT * FROM '${recorded}'`)).map((row) =>
      String(row.column_name),
    );
    // The view has '' where the recording has null strings; else both are compared as they are.
    const text = columns.map((name) => `coalesce("${name}"::VARCHAR, '') AS "${name}"`).join(', ');
    const expected = await query(`SELECT ${text} FROM '${recorded}' ORDER BY ALL`);
    const found = await ask(folder, `SELECT ${text} FROM ${table} ORDER BY ALL`);
    expect(expected.length).toBeGreaterThan(0);
    expect(found).toEqual(expected);
  });
});

test.runIf(!existsSync(TELEMETRY))(`SKIPPED: recorded Sysmon logs are not at ${TELEMETRY}`, () => {});
