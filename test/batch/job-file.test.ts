import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { jobJsonSchema } from '../../src/hunt/batch/job/job-schema.ts';
import { merganser } from '../cli/merganser.ts';
import { JOB, job } from './job.ts';
import { jsonLines } from './small-lake.ts';

/** A job file with one key's line replaced, or taken away. */
async function jobWith(line: string): Promise<string> {
  const key = line.split(':')[0]!;
  const rest = JOB.split('\n').filter(
    (each) => !each.startsWith(key) && !(key === 'detections' && /^ {2}-/.test(each)),
  );
  return job([line.endsWith(': ') ? '' : line, ...rest].join('\n'));
}

test.each([
  ['lakes: lake', "unknown key 'lakes'", 'did you mean lake?'],
  ['limits: { threds: 2 }', "unknown key 'threds' in limits", 'did you mean threads?'],
  [
    'detections: [{ detection: t1573.001, parametres: {} }]',
    "unknown key 'parametres' in detections[0]",
    'did you mean parameters?',
  ],
  ['detections: []', 'detections: expected at least one, got []', 'techniques or full ids'],
  ['detections: ', 'lacks detections', 'techniques or full ids'],
  ['detections: t1573.001', 'detections: expected a list, got t1573.001', 'write it as [t1573.001]'],
  ['detections: [5]', 'detections[0]: expected a detection such as t1573.001, ', ''],
  ['detections: [{ name: mine }]', 'lacks detections[0].detection', ''],
  ['detections: [t1573.01]', "unknown detection 't1573.01'", 'did you mean t1573.001?'],
  ['work: ', 'lacks work', 'work: the folder that slices are kept in'],
  ['lake: 5', 'lake: expected a folder, or globs by table, got 5', ''],
  ['lake: { A: 5 }', 'lake.A: expected a glob, or a list of globs, got 5', ''],
  ['limits: { threads: many }', 'limits.threads: expected a whole number, got many', ''],
  ['limits: { threads: 0 }', 'limits.threads: expected 1 or more, got 0', ''],
  ['limits: { memory: 4 }', 'limits.memory: expected text, got 4', 'such as 4GB'],
  ['output: { format: parket }', 'output.format: expected parquet or jsonl, got parket', 'mean parquet?'],
  ['output: found', 'output: expected keys with values, got found', 'it has the keys folder, format'],
  ['dedupe: yes', 'dedupe: expected true or false, got yes', ''],
  ['suppressions: nowhere.yaml', 'cannot read the suppressions', ''],
])('a job file with %s is wrong, and says where', async (line, message, hint) => {
  const path = await jobWith(line);
  const { code, stderr } = await merganser(['batch', path]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: the job file .*job\.yaml/);
  expect(stderr).toContain(message);
  expect(stderr).toContain(hint);
});

test('a job file that is neither JSON nor YAML is named with line and column', async () => {
  const path = await jobWith('lake: { a: 1');
  expect(await merganser(['batch', path])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^error: .*job\.yaml:\d+:\d+: neither JSON nor YAML: .*\n {2}a job file is key: value, .*\n$/,
    ),
  });
});

test.each([
  [
    'detections',
    '{ lake: lake, work: work, detection: [t1573.001] }',
    "unknown key 'detection'",
    'detections?',
  ],
  ['work', '{ lake: lake, wrok: work, detections: [t1573.001] }', "unknown key 'wrok'", 'work?'],
  [
    'the detection',
    '{ lake: lake, work: work, detections: [{ detecton: t1573.001 }] }',
    "unknown key 'detecton' in detections[0]",
    'detection?',
  ],
])('where %s is lacking because its key is misspelt, that key is named', async (_, text, message, meant) => {
  const { code, stderr } = await merganser(['batch', await job(text)]);
  expect(code).toBe(2);
  expect(stderr).toContain(`job.yaml: ${message}\n`);
  expect(stderr).toContain(`did you mean ${meant}`);
});

test.each([
  ['t1573.001', "job.yaml: unknown parameter 'windw'"],
  [
    't1573.001, t1573.001/cipher-artefacts',
    "job.yaml: t1573.001/symmetric-cryptography-c2: unknown parameter 'windw'",
  ],
])(
  'a parameter that no detection of %s has is named with file and detection',
  async (detections, message) => {
    const path = await job(
      `{ lake: lake, work: work, detections: [${detections}], parameters: { windw: 1h } }`,
    );
    const { code, stderr } = await merganser(['batch', path]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain('did you mean window?');
  },
);

test("a job's own parameters go to the detections that have them; a detection's own must be its own", async () => {
  const parameters = "parameters: { window: 30s, 'script_hosts+': [x.exe] }";
  const both = 't1573.001, t1573.001/cipher-artefacts';
  const path = await job(
    `{ lake: lake, work: work, output: { format: jsonl }, detections: [${both}], ${parameters} }`,
  );
  expect(await merganser(['batch', path])).toMatchObject({ code: 0 });
  // The implant's connection comes a minute after its load; that of ws-9 at once.
  const current = join(dirname(path), 'work', 'findings', 'current');
  const found = join(current, 't1573.001.symmetric-cryptography-c2.jsonl');
  expect(jsonLines(found).map(({ DeviceName }) => DeviceName)).toEqual(['ws-9']);
  const wrong = await job(
    `{ lake: lake, work: work, detections: [t1573.001, { detection: t1573.001/cipher-artefacts, parameters: { window: 1h } }] }`,
  );
  expect((await merganser(['batch', wrong])).stderr).toContain(
    "t1573.001/cipher-artefacts: unknown parameter 'window'",
  );
});

test('the published schema is what the code checks', () => {
  const published = readFileSync(
    fileURLToPath(new URL('../../data/job.schema.json', import.meta.url)),
    'utf8',
  );
  expect(JSON.parse(published)).toEqual(jobJsonSchema());
});
