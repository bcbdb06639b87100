import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { findDetection } from '../../src/hunt/detection/find-detections.ts';
import { resolveParameters } from '../../src/hunt/parameters.ts';
import { detectionScript } from '../../src/hunt/script.ts';
import { openLake } from '../../src/index.ts';
import { imageLoad, networkEvent, temporaryFolder, writeFile } from '../lake/parquet-files.ts';

/** Runs a script as a shell would, statement by statement on one connection, and gives the last one's rows. */
async function paste(script: string): Promise<unknown[]> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  return (await connection.run(script)).getRowObjectsJson();
}

async function lakeWith(columns: Record<string, string>): Promise<string> {
  const folder = temporaryFolder();
  const process = {
    InitiatingProcessCommandLine: "'-k'",
    InitiatingProcessAccountName: 'NULL::VARCHAR',
    InitiatingProcessSHA256: "'ab'",
  };
  const event = { DeviceId: "'d'", ReportId: '1::BIGINT' };
  await writeFile(join(folder, 'DeviceImageLoadEvents', 'a.parquet'), imageLoad({ ...process, ...event }));
  await writeFile(
    join(folder, 'DeviceNetworkEvents', 'a.parquet'),
    networkEvent({ RemoteUrl: "''", ...event, ...columns }),
  );
  return folder;
}

test('the script that is printed without a lake runs in a bare engine, over the folder that its first line names', async () => {
  const folder = await lakeWith({ SentBytes: '1048576::BIGINT', ReceivedBytes: '0::BIGINT' });
  const detection = findDetection('t1573.001');
  const script = detectionScript(detection, resolveParameters(detection.parameters, []));
  const rows = await paste(script.replace("SET VARIABLE lake = 'lake'", `SET VARIABLE lake = '${folder}'`));
  expect(rows).toEqual([
    {
      DeviceName: 'ws-1',
      ProcessName: 'implant.exe',
      ProcessCmd: '-k',
      AccountName: '',
      ProcessSHA256: 'ab',
      CryptoLibsLoaded: ['bcrypt.dll'],
      RemoteIPs: ['203.0.113.1'],
      RemotePorts: [4444],
      ConnectionCount: '1',
      TotalBytesSent: '1048576',
      TotalBytesReceived: '0',
      FirstConnection: '2026-01-05 00:00:00',
      LastConnection: '2026-01-05 00:00:00',
      DataTransferMB: 1,
      DurationMinutes: '0',
      AvgIntervalSeconds: 0,
      BeaconLikely: false,
    },
  ]);
});

test('the script that is printed for a lake runs in a bare engine and answers as the hunt does', async () => {
  const folder = await lakeWith({});
  await using lake = await openLake(folder);
  const detection = findDetection('t1573.001');
  const { script } = await lake.explainHunt(detection, [{ 'standard_ports-': [443], window: '1h' }]);
  const [row] = await paste(script);
  expect(row).toMatchObject({
    ProcessName: 'implant.exe',
    ConnectionCount: '1',
    TotalBytesSent: null,
    DataTransferMB: null,
  });
});

test('values with quotes in them stay values in the script', async () => {
  const folder = await lakeWith({ ActionType: "'it''s; DROP TABLE x --'" });
  await using lake = await openLake(folder);
  const settings = [{ action_type: "it's; DROP TABLE x --", 'excluded_processes+': ["'; SELECT 1; --"] }];
  const { script } = await lake.explainHunt(findDetection('t1573.001'), settings);
  expect(await paste(script)).toHaveLength(1);
  const hits = await lake.hunt('t1573.001', settings[0]);
  expect(hits.rowCount).toBe(1);
});
