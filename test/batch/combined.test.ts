import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Row } from '../../src/index.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';
import {
  asHunted,
  batch,
  connection,
  creation,
  hunted,
  instant,
  jsonLines,
  load,
  script,
  writeEvents,
} from './small-lake.ts';

const COMBINED = 't1573.001/combined-ranking';

/** A PowerShell that shows all three behaviours, and another that only its script gives away. */
async function office(of: Record<string, string | null> = { InitiatingProcessCreationTime: instant(-1) }) {
  const lake = join(temporaryFolder(), 'lake');
  const by = { InitiatingProcessFileName: 'powershell.exe', ...of };
  await writeEvents(join(lake, 'DeviceImageLoadEvents/a.jsonl'), [load(0, by)]);
  await writeEvents(join(lake, 'DeviceNetworkEvents/a.jsonl'), [connection(1, by)]);
  await writeEvents(join(lake, 'DeviceProcessEvents/a.jsonl'), [creation(-1)]);
  await writeEvents(join(lake, 'DeviceEvents/a.jsonl'), [script(2), script(3, { InitiatingProcessId: 5 })]);
  return lake;
}

const run = (lake: string, settings: Record<string, unknown> = {}) =>
  batch(lake, { detections: [{ detection: COMBINED, settings: [settings] }] });

const ids = (rows: readonly Row[]) => rows.map(({ FindingId }) => FindingId).sort();

test.each([{}, { identity: 'pid' }, { window: '30s' }])(
  'the combined view with %j is that of a hunt, and a retuned one reads nothing',
  async (settings) => {
    const lake = await office();
    await run(lake);
    const { rows, read } = await run(lake, settings);
    expect(read).toBe(0);
    expect(rows.map(({ Behaviours }) => (Behaviours as string[]).length)).toEqual(
      'window' in settings ? [2, 1] : [3, 1],
    );
    expect(asHunted(rows)).toEqual(await hunted(lake, settings, false, undefined, { detection: COMBINED }));
  },
);

test('a process stays the same finding while it shows more, and rises', async () => {
  const lake = await office();
  const first = await run(lake);
  await writeEvents(join(lake, 'DeviceEvents/late.jsonl'), [
    script(4, { InitiatingProcessId: 5, AdditionalFields: JSON.stringify({ Content: 'blowfish' }) }),
  ]);
  const second = await run(lake);
  expect(ids(second.rows)).toEqual(ids(first.rows));
  expect(second.report.findings[0]).toMatchObject({ new: 0, continuing: 2, gone: 0 });
});

test('of events without a PID, each behaviour of a program is a finding of its own, with an id of its own', async () => {
  const lake = await office();
  await writeEvents(join(lake, 'DeviceEvents/none.jsonl'), [
    script(5, { InitiatingProcessId: null }),
    script(5, { InitiatingProcessId: null, InitiatingProcessFileName: 'pwsh.exe', ReportId: 7 }),
  ]);
  const { rows } = await run(lake);
  expect(rows).toHaveLength(4);
  expect(new Set(ids(rows)).size).toBe(4);
  expect(ids((await run(lake)).rows)).toEqual(ids(rows));
});

test('where slices cannot tell processes apart it is refused by its name, and left out of technique/*', async () => {
  const lake = await office({ InitiatingProcessCreationTime: null });
  await expect(run(lake)).rejects.toMatchObject({
    message: expect.stringContaining(
      `slices cannot tell which processes ${COMBINED} finds: one PID has events`,
    ),
    hint: `merganser hunt ${COMBINED} looks at the whole lake`,
  });
  const { report } = await batch(lake, { detections: ['t1573.001/*'] });
  expect(report.findings).toHaveLength(3);
  expect(report.notes.filter((note) => note.includes('it is left out'))).toHaveLength(1);
  for (const { detection, file } of report.findings)
    expect(asHunted(jsonLines(file)), detection).toEqual(
      await hunted(lake, {}, false, undefined, { detection }),
    );
});
