import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSuppressions, readSuppressions } from '../../src/hunt/suppress/suppressions.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';
import {
  asHunted,
  batch,
  connection,
  type Event,
  hunted,
  load,
  oneImplant,
  quiet,
  writeEvents,
} from './small-lake.ts';

/** Rules that look at what neither findings nor slices say: paths, SHA-1s, domains, signers. */
const rule = (match: string, name = 'known') =>
  `  - { name: ${name}, reason: r, owner: soc, expires: 2099-01-01, match: ${match} }\n`;
const rules = (...each: string[]) => parseSuppressions(`rules:\n${each.join('')}`, 'rules.yaml');

const SHA1 = { a: 'a'.repeat(40), b: 'b'.repeat(40) };
const RULES = {
  path: rule("{ path: 'c:\\tools\\*' }", 'by-path'),
  hash: rule(`{ hash: ${SHA1.a}, port: 4444 }`, 'by-hash'),
  domain: rule('{ destination: [vendor.example, 203.0.113.2] }', 'by-domain'),
  signer: rule('{ signer: Vendor, process: tool.exe }', 'by-signer'),
  device: rule('{ device: ws-9 }', 'by-device'),
};

const event = (minute: number, changes: Event = {}) =>
  connection(minute, { InitiatingProcessFileName: 'implant.exe', ...changes });
const inTools = { InitiatingProcessFolderPath: 'C:\\Tools\\implant.exe' };

/** A lake whose one process is seen in c:\tools alone, as far as its connections to odd ports say. */
async function toolLake(): Promise<string> {
  const lake = await oneImplant(temporaryFolder());
  await writeEvents(join(lake, 'DeviceNetworkEvents/a.parquet'), [
    event(1, inTools),
    event(600, { ...quiet, InitiatingProcessFileName: 'other.exe' }),
  ]);
  return lake;
}

/** Runs, and gives the devices of what is left and how often rules looked into the lake. */
async function judged(lake: string, suppressions: ReturnType<typeof rules>) {
  let looks = 0;
  const onEvent = ({ event: what }: { event: string }) => {
    if (what === 'rules-look-up') looks++;
  };
  const { rows } = await batch(lake, { suppressions }, { onEvent });
  return { devices: asHunted(rows).map(({ DeviceName }) => DeviceName), looks };
}

test('a rule on a path hides by all events of the process, and looks again when a file comes that no slice is made of', async () => {
  const lake = await toolLake();
  const path = rules(RULES.path);
  expect(await judged(lake, path)).toEqual({ devices: ['ws-9'], looks: 1 });
  expect(await judged(lake, path)).toEqual({ devices: ['ws-9'], looks: 0 });
  // To a standard port: no slice holds it, and yet it says that the process also runs from elsewhere.
  const elsewhere = event(9, { RemotePort: 443, InitiatingProcessFolderPath: 'C:\\Temp\\implant.exe' });
  await writeEvents(join(lake, 'DeviceNetworkEvents/b.parquet'), [elsewhere]);
  expect(await judged(lake, path)).toEqual({ devices: ['ws-1', 'ws-9'], looks: 1 });
});

test('the lake is not looked into where no finding is open to a rule that would', async () => {
  const lake = await toolLake();
  const other = rules(rule("{ process: backup.exe, path: 'c:\\tools\\*' }"), RULES.device);
  expect(await judged(lake, other)).toEqual({ devices: ['ws-1'], looks: 0 });
});

test('a rule on a signer needs the table of certificates, which is asked for before anything is read', async () => {
  const lake = await toolLake();
  const signer = rules(rule('{ signer: Vendor }'));
  await expect(judged(lake, signer)).rejects.toThrow(/rules\.yaml:2: rule known names a signer/);
  await writeEvents(join(lake, 'DeviceNetworkEvents/a.parquet'), [
    event(1, { InitiatingProcessSHA1: SHA1.a }),
    event(600, { ...quiet, InitiatingProcessSHA1: SHA1.b }),
  ]);
  const certificate = { Timestamp: load(0).Timestamp!, DeviceName: 'ws-1', SHA1: SHA1.a, Signer: 'Vendor' };
  const trusted = { ...certificate, IsSigned: true, IsTrusted: true } as unknown as Event;
  await writeEvents(join(lake, 'DeviceFileCertificateInfo/a.jsonl'), [trusted]);
  expect(await judged(lake, signer)).toEqual({ devices: ['ws-9'], looks: 1 });
});

test('a file that cannot be read is reported, and the rules look into the others', async () => {
  const lake = await toolLake();
  writeFileSync(join(lake, 'DeviceNetworkEvents/b.parquet'), 'PAR1 and nothing more PAR1');
  const { report, rows } = await batch(lake, { suppressions: rules(RULES.path) });
  expect(report.files.failed.map(({ path }) => path)).toEqual([join(lake, 'DeviceNetworkEvents/b.parquet')]);
  expect(rows.map(({ DeviceName }) => DeviceName)).toEqual(['ws-9']);
});

test('the shipped rules run in a job as they do in a hunt', async () => {
  const sample = fileURLToPath(new URL('../../data/sample', import.meta.url));
  const shipped = readSuppressions(fileURLToPath(new URL('../../data/suppressions.yaml', import.meta.url)));
  const work = join(temporaryFolder(), 'work');
  expect(asHunted((await batch(sample, { work, suppressions: shipped })).rows)).toEqual(
    await hunted(sample, {}, false, shipped),
  );
});

const some = fc.record({
  table: fc.constantFrom('DeviceImageLoadEvents', 'DeviceNetworkEvents', 'DeviceNetworkEvents'),
  file: fc.constantFrom('a.parquet', 'b.jsonl', 'c.parquet'),
  rows: fc.array(
    fc.record({
      minute: fc.integer({ min: 0, max: 30 }),
      process: fc.constantFrom('implant.exe', 'tool.exe'),
      port: fc.constantFrom(443, 4444),
      path: fc.constantFrom('C:\\Tools\\x.exe', 'c:\\tools\\X.EXE', 'C:\\Temp\\x.exe', ''),
      sha1: fc.constantFrom(SHA1.a, SHA1.a, SHA1.b),
      to: fc.constantFrom(
        { RemoteIP: '203.0.113.1', RemoteUrl: 'https://api.vendor.example/x' },
        { RemoteIP: '203.0.113.1', RemoteUrl: 'vendor.example:4444' },
        { RemoteIP: '203.0.113.2', RemoteUrl: '' },
        { RemoteIP: '203.0.113.3', RemoteUrl: 'https://elsewhere.example/' },
      ),
    }),
    { maxLength: 4 },
  ),
  signers: fc.constantFrom(['Vendor'], ['Vendor', 'Other'], []),
  run: fc.record({
    rules: fc.subarray(Object.values(RULES), { minLength: 1 }),
    settings: fc.constantFrom({}, { since: '2026-01-05T00:05:00Z' }, { until: '2026-01-05T00:20:00Z' }),
    dedupe: fc.boolean(),
  }),
});

/** The same for the same event only: of others that had it, dedupe may keep any. */
function reportId(row: object): number {
  return Number.parseInt(createHash('sha256').update(JSON.stringify(row)).digest('hex').slice(0, 10), 16);
}

test('whatever comes and goes, rules hide in a job what they hide in a fresh hunt', async () => {
  let [left, all] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(some, { minLength: 3, maxLength: 5 }), async (steps) => {
      const lake = join(temporaryFolder(), 'lake');
      await writeEvents(join(lake, 'DeviceImageLoadEvents/stays.parquet'), [
        load(0),
        load(0, { InitiatingProcessFileName: 'tool.exe', InitiatingProcessId: 8, ReportId: 1 }),
        load(0, quiet),
      ]);
      await writeEvents(join(lake, 'DeviceNetworkEvents/stays.parquet'), [event(1, quiet), event(2)]);
      for (const { table, file, rows, signers, run } of steps) {
        const events = rows.map((each) => {
          const InitiatingProcessId = each.process === 'tool.exe' ? 8 : 4;
          const which = { InitiatingProcessId, InitiatingProcessFileName: each.process };
          const ReportId = reportId(each);
          if (table === 'DeviceImageLoadEvents') return load(each.minute, { ...which, ReportId });
          const facts = { InitiatingProcessFolderPath: each.path, InitiatingProcessSHA1: each.sha1 };
          return event(each.minute, { ...which, ...facts, ...each.to, RemotePort: each.port, ReportId });
        });
        if (rows.length === 0) rmSync(join(lake, table, file), { force: true });
        else await writeEvents(join(lake, table, file), events);
        const certificates = [SHA1.a, ...(signers.length > 1 ? [SHA1.b] : [])].map((sha1, at) => ({
          ...{ Timestamp: load(10).Timestamp!, DeviceName: 'ws-1', DeviceId: 'd-1', ReportId: at },
          ...{ SHA1: sha1, Signer: signers[at] ?? 'None', IsSigned: true, IsTrusted: signers.length > 0 },
        }));
        await writeEvents(
          join(lake, 'DeviceFileCertificateInfo/a.jsonl'),
          certificates as unknown as Event[],
        );
        const suppressions = rules(...run.rules);
        const detections = [{ detection: 't1573.001', settings: [run.settings] }];
        const found = await batch(lake, { suppressions, detections, dedupe: run.dedupe });
        const expected = await hunted(lake, run.settings, run.dedupe, suppressions);
        expect(asHunted(found.rows)).toEqual(expected);
        left += expected.length;
        all += (await hunted(lake, run.settings, run.dedupe)).length;
      }
    }),
    { numRuns: Number(process.env.MERGANSER_PROPERTY_RUNS ?? 5), seed: 1573, endOnFailure: true },
  );
  // The rules did hide some, and not all.
  expect(left).toBeGreaterThan(5);
  expect(all).toBeGreaterThan(left + 5);
}, 600_000);
