import { existsSync } from 'node:fs';
import type { Row } from '../../src/index.ts';
import { RECORDED_ATTACKS, RECORDED_C2 } from '../../test/hunt/recorded-attacks.ts';
import { openLake, projectPath } from '../project.ts';

/** Recorded attacks in a laboratory, beside the project where they are there at all. */
const TELEMETRY = projectPath('..', 'shared', 'telemetry');

/** The benign keys of real telemetry; undefined where that is not there. */
export async function telemetryKeys(settings: Readonly<Record<string, unknown>>): Promise<Row[] | undefined> {
  if (!existsSync(TELEMETRY)) return undefined;
  const benign: Row[] = [];
  for (const set of RECORDED_ATTACKS) {
    const lake = await openLake(`${TELEMETRY}/${set}/as-recorded`);
    try {
      const action_types = ['ConnectionSuccess', 'InboundConnectionAccepted'];
      const keys = await (await lake.beacons({ ...settings, action_types })).rows();
      benign.push(...keys.filter(({ Destination }) => !RECORDED_C2.has(String(Destination))));
    } finally {
      await lake.close();
    }
  }
  return benign;
}
