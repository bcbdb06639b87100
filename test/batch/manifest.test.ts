import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { manifestText, parseManifest, readManifest } from '../../src/hunt/batch/state/manifest.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';
import { asHunted, batch, hunted, oneImplant, statuses, workOf } from './small-lake.ts';

/** Layout 1 as it was written, before rows near each other were kept. */
const LAYOUT_1 = `{"version":1,"checksum":"3b7a0d9f","content":{"extracts":{"5f":{"table":"DeviceNetworkEvents","columns":["DeviceName","Timestamp"],"recorded":[],"filters":[]}},"slices":[{"table":"DeviceNetworkEvents","files":[{"path":"/lake/a.parquet","size":700,"modified":"1767600001000000000"}],"together":false,"extract":"5f","recorded":[],"rowsRead":2,"rowsKept":1,"first":"1767571260000000","last":"1767571260000000","name":"slices/DeviceNetworkEvents/9c.parquet","bytes":500,"modified":"1767600002000000000","sha256":"ab"}],"failed":[],"last":{"run":"2026-01-05T000000.000Z","output":"/findings","current":["c2.jsonl"],"results":{"c2":{"name":"results/c2-1.parquet","bytes":300,"modified":"1767600003000000000","sha256":"cd","inputs":"1","rows":1}}}}}`;

test('a manifest of layout 1 is read as it was, with nothing near to anything', () => {
  const { content } = JSON.parse(LAYOUT_1) as { content: object };
  const manifest = parseManifest(manifestText(content, 1), 'manifest.json');
  expect(manifest).toEqual({ ...content, nearby: {}, dropped: [] });
});

test('the checksum of an older layout counts too', () => {
  expect(() => parseManifest(LAYOUT_1, 'manifest.json')).toThrow(/is damaged/);
});

test('a work directory of layout 1 is taken over: nothing is read again, and findings continue', async () => {
  const lake = await oneImplant(temporaryFolder());
  await batch(lake);
  const path = workOf(lake, 'manifest.json');
  const { nearby: _, dropped: __, ...content } = await readManifest(path);
  writeFileSync(path, manifestText(content, 1));
  const settings = [{ window: '20m' }];
  const { read, rows } = await batch(lake, { detections: [{ detection: 't1573.001', settings }] });
  expect(read).toBe(0);
  expect(statuses(rows)).toEqual(['implant.exe continuing', 'implant.exe continuing']);
  expect(asHunted(rows)).toEqual(await hunted(lake, { window: '20m' }));
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ version: 3 });
});
