import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testDetection } from '../../src/api/test-detection.ts';
import { findDetection } from '../../src/hunt/detection/find-detections.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';

export const HEADER = `id: t1071/odd-port
title: Odd port
description: Connections to a port.
technique: { id: T1071, name: Application Layer Protocol }
tactic: { id: TA0011, name: Command and Control }
severity: low
confidence: low
tables: { DeviceNetworkEvents: [Timestamp, DeviceName, RemotePort] }
parameters: { port: { type: int, description: The port, default: 4444 } }
references: [https://attack.mitre.org/techniques/T1071/]
created: 2026-01-01
updated: 2026-01-01
`;
export const SQL = `WITH odd AS (
  SELECT DeviceName, count(*) AS Connections
  FROM DeviceNetworkEvents
  WHERE RemotePort = $port
  GROUP BY DeviceName
)

-- answer
SELECT * FROM odd ORDER BY DeviceName
`;
export const KQL =
  'DeviceNetworkEvents | where RemotePort == 4444 | summarize Connections = count() by DeviceName';
export const CASES = `rows:
  DeviceNetworkEvents: { Timestamp: 2026-01-05, DeviceName: ws-1, ActionType: ConnectionSuccess, RemoteIP: 203.0.113.1, RemotePort: 4444, RemoteIPType: Public, InitiatingProcessId: 4 }
cases:
  - { name: twice, hit: [{ Connections: 2 }], events: { DeviceNetworkEvents: [{ times: 2 }] } }
  - { name: another, miss: another port, events: { DeviceNetworkEvents: [{ RemotePort: 4445 }] } }
  - { name: ordinary, baseline: 0, events: { DeviceNetworkEvents: [{ RemotePort: 443, times: 9 }] } }
`;

/** The files of a detection; what stands in `more` lies beside it by the end of its name. */
export interface Files {
  readonly header?: string;
  readonly sql?: string;
  readonly cases?: string;
  readonly kql?: string;
  readonly more?: Readonly<Record<string, string>>;
}

/** A folder that holds it as t1071/odd-port. */
export function ownDetection({
  header = HEADER,
  sql = SQL,
  cases = CASES,
  kql = KQL,
  more = {},
}: Files): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 't1071'));
  const files = { sql: `/*\n${header}*/\n\n${sql}`, 'cases.yaml': cases, kql, ...more };
  for (const [end, text] of Object.entries(files)) writeFileSync(join(folder, `t1071/odd-port.${end}`), text);
  return folder;
}

/** What is wrong with it, its folder left out. */
export async function problems(files: Files): Promise<string> {
  const folder = ownDetection(files);
  const found = await testDetection(findDetection('t1071/odd-port', [folder]));
  return found.problems.join('\n').replaceAll(folder, '');
}

/** The message of the error that it is refused with, and its way out, its folder left out. */
export async function refusal(files: Files): Promise<string> {
  const folder = ownDetection(files);
  try {
    await testDetection(findDetection('t1071/odd-port', [folder]));
  } catch (error) {
    const { name, message, hint } = error as Error & { hint?: string };
    return `${name}: ${message}${hint === undefined ? '' : `; ${hint}`}`.replaceAll(folder, '');
  }
  return 'none';
}
