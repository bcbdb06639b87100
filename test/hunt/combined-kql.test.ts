import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openLake, type Row } from '../../src/index.ts';
import { temporaryFolder, writeFile } from '../lake/parquet-files.ts';

const SAMPLE = fileURLToPath(new URL('../../data/sample', import.meta.url));
const KQL = new URL('../../sql/detections/t1573.001/combined-ranking.kql', import.meta.url);

/** The sample with what it lacks: an Office program that starts PowerShell, which works through bytes with XOR. */
async function sampleWithScripts(): Promise<string> {
  const folder = temporaryFolder();
  for (const table of ['DeviceImageLoadEvents', 'DeviceNetworkEvents'])
    symlinkSync(join(SAMPLE, table), join(folder, table));
  const [implant] = (JSON.parse(readFileSync(join(SAMPLE, 'labels.json'), 'utf8')) as { labels: Row[] })
    .labels;
  const who = `'${implant!.DeviceName}' AS DeviceName, ${implant!.ProcessId}::BIGINT AS`;
  const created = `SELECT CreationTime FROM (
    SELECT max(InitiatingProcessCreationTime) AS CreationTime FROM '${SAMPLE}/DeviceNetworkEvents/**/*.parquet'
    WHERE DeviceName = '${implant!.DeviceName}' AND InitiatingProcessId = ${implant!.ProcessId})`;
  await writeFile(
    join(folder, 'DeviceProcessEvents', 'a.parquet'),
    `SELECT TIMESTAMP '2026-01-07 08:00:00' AS Timestamp, ${who} ProcessId, 'ProcessCreated' AS ActionType,
      '${implant!.ProcessName}' AS FileName, 'openssl enc -rc4' AS ProcessCommandLine, 'x' AS AccountName, 'ff' AS SHA256,
      (${created}) AS ProcessCreationTime, 'svchost.exe' AS InitiatingProcessFileName,
      'c:\\temp\\svchost.exe' AS InitiatingProcessFolderPath, TIMESTAMP '2027-01-01' AS InitiatingProcessCreationTime`,
  );
  await writeFile(
    join(folder, 'DeviceEvents', 'a.parquet'),
    `SELECT TIMESTAMP '2026-01-07 08:00:01' AS Timestamp, ${who} InitiatingProcessId, 'ScriptContent' AS ActionType,
      'for ($i = 0; $i -lt $b.Length; $i++) { $b[$i] = $b[$i] -bxor $k[$i % $k.Length] }' AS AdditionalFields,
      'powershell.exe' AS InitiatingProcessFileName, NULL::TIMESTAMP AS InitiatingProcessCreationTime`,
  );
  return folder;
}

test('the combined view in KQL gives the rows of its SQL, ranks included, on the sample lake with scripts', async () => {
  await using lake = await openLake(await sampleWithScripts());
  const hunted = await (await lake.hunt('t1573.001/combined-ranking')).rows();
  const now = new Date('2030-01-01');
  const parameters = { lookback: '36500d' };
  const queried = await (await lake.kql(readFileSync(KQL, 'utf8'), { now, parameters })).rows();
  expect(hunted.length).toBeGreaterThan(80);
  expect(hunted[0]!.Behaviours).toHaveLength(3);
  expect(queried.map(withSortedSets)).toEqual(hunted.map(withSortedSets));
});

/** KQL promises no order within sets. */
function withSortedSets(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, Array.isArray(value) ? [...value].sort() : value]),
  );
}
