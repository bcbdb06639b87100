import { existsSync } from 'node:fs';
import type { Row } from '../../src/index.ts';
import { openLake, projectPath } from '../project.ts';

/** Recorded attacks in a laboratory, beside the project where they are there at all. */
const TELEMETRY = projectPath('..', 'shared', 'telemetry');
const SETS = [
  'covenant-excel4macro',
  'empire-dcom-no-pid',
  'empire-psinject-5s-beacon',
  'empire-regsvr32-8444',
  'meterpreter-4433',
  'meterpreter-8443',
];
const C2 = new Set(['10.10.10.5', '203.0.113.10']);

/** The benign keys of real telemetry; undefined where that is not there. */
export async function telemetryKeys(settings: Readonly<Record<string, unknown>>): Promise<Row[] | undefined> {
  if (!existsSync(TELEMETRY)) return undefined;
  const benign: Row[] = [];
  for (const set of SETS) {
    const lake = await openLake(`${TELEMETRY}/${set}/as-recorded`);
    try {
      const action_types = ['ConnectionSuccess', 'InboundConnectionAccepted'];
      const keys = await (await lake.beacons({ ...settings, action_types })).rows();
      benign.push(...keys.filter(({ Destination }) => !C2.has(String(Destination))));
    } finally {
      await lake.close();
    }
  }
  return benign;
}
