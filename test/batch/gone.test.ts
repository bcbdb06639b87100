import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../lake/parquet-files.ts';
import {
  batch,
  connection,
  creation,
  load,
  oneImplant,
  quiet,
  script,
  statuses,
  writeEvents,
} from './small-lake.ts';

test('a finding that stops being one is gone once, within the time that the run looks at, and then forgotten', async () => {
  const lake = await oneImplant(temporaryFolder());
  await writeEvents(join(lake, 'DeviceImageLoadEvents/c.parquet'), [
    load(60, { InitiatingProcessFileName: 'late.exe' }),
  ]);
  await writeEvents(join(lake, 'DeviceImageLoadEvents/early.parquet'), [load(-60, quiet)]);
  await writeEvents(join(lake, 'DeviceNetworkEvents/c.parquet'), [connection(61)]);
  await writeEvents(join(lake, 'DeviceNetworkEvents/early.parquet'), [connection(-60, quiet)]);
  expect((await batch(lake)).rows).toHaveLength(4 - 1);
  rmSync(join(lake, 'DeviceNetworkEvents/c.parquet'));
  expect(statuses((await batch(lake)).rows)).toContain('late.exe gone');
  expect(statuses((await batch(lake)).rows)).toEqual(['implant.exe continuing', 'implant.exe continuing']);
});

test('a finding outside the time range of the run is out of sight, not gone', async () => {
  const lake = await oneImplant(temporaryFolder());
  await batch(lake);
  const later = await batch(lake, {
    detections: [{ detection: 't1573.001', settings: [{ since: '2026-01-05T02:00:00Z' }] }],
  });
  expect(later.report.findings[0]).toMatchObject({ total: 1, gone: 0 });
  expect(later.rows.map(({ DeviceName }) => DeviceName)).toEqual(['ws-9']);
});

/** A lake of an implant whose connection has a file of its own, within the times of the others. */
async function lateImplant(): Promise<[lake: string, file: string]> {
  const lake = await oneImplant(temporaryFolder());
  const file = join(lake, 'DeviceNetworkEvents/c.parquet');
  await writeEvents(join(lake, 'DeviceImageLoadEvents/c.parquet'), [
    load(60, { InitiatingProcessFileName: 'late.exe' }),
  ]);
  await writeEvents(file, [connection(61)]);
  return [lake, file];
}

test('a finding is not gone with a file that could not be read, and is found again with it', async () => {
  const [lake, file] = await lateImplant();
  await batch(lake);
  const bytes = readFileSync(file);
  writeFileSync(file, 'torn');
  const torn = await batch(lake);
  expect(torn.report.files.failed).toHaveLength(1);
  expect(torn.report.findings[0]).toMatchObject({ total: 2, gone: 0 });
  writeFileSync(file, bytes);
  expect(statuses((await batch(lake)).rows)).toContain('late.exe new');
});

test('nor where the run that met the file first was killed, and the next one met it again', async () => {
  const [lake, file] = await lateImplant();
  await batch(lake);
  writeFileSync(file, 'torn');
  const stop = new AbortController();
  const onEvent = ({ event }: { event: string }) =>
    event === 'file-failed' && stop.abort(new Error('killed'));
  await expect(batch(lake, {}, { signal: stop.signal, onEvent })).rejects.toThrow('killed');
  expect((await batch(lake)).report.findings[0]).toMatchObject({ total: 2, gone: 0 });
});

test('what else lies at other times than an unreadable file is gone all the same', async () => {
  const [lake, file] = await lateImplant();
  const other = join(lake, 'DeviceNetworkEvents/d.parquet');
  await writeEvents(join(lake, 'DeviceImageLoadEvents/d.parquet'), [
    load(300, { InitiatingProcessFileName: 'other.exe' }),
  ]);
  await writeEvents(other, [connection(301)]);
  await batch(lake);
  writeFileSync(file, 'torn');
  rmSync(other);
  const { rows } = await batch(lake);
  expect(statuses(rows)).toContain('other.exe gone');
  expect(statuses(rows)).not.toContain('late.exe gone');
});

test('a run looks as far as its files reach, not as what it keeps of them', async () => {
  const lake = join(temporaryFolder(), 'lake');
  const harmless = { InitiatingProcessFileName: 'explorer.exe' };
  for (const minute of [0, 100]) {
    const name = `${minute}.parquet`;
    await writeEvents(join(lake, 'DeviceImageLoadEvents', name), [load(minute, harmless)]);
    await writeEvents(join(lake, 'DeviceProcessEvents', name), [
      creation(minute, { ProcessCommandLine: 'notepad' }),
    ]);
    await writeEvents(join(lake, 'DeviceEvents', name), [script(minute, { AdditionalFields: '{}' })]);
  }
  await writeEvents(join(lake, 'DeviceEvents/c.parquet'), [script(50)]);
  const run = () => batch(lake, { detections: ['t1573.001/cipher-artefacts'] });
  expect(statuses((await run()).rows)).toEqual(['powershell.exe new']);
  rmSync(join(lake, 'DeviceEvents/c.parquet'));
  // Of all that is left, not a row is kept.
  expect(statuses((await run()).rows)).toEqual(['powershell.exe gone']);
});
