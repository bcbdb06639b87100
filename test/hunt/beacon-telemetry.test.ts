import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openLake } from '../../src/index.ts';
import { RECORDED_ATTACKS, RECORDED_C2 } from './recorded-attacks.ts';

const TELEMETRY = fileURLToPath(new URL('../../../shared/telemetry/', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../../data/sample', import.meta.url));
const absent = !existsSync(TELEMETRY);
if (absent) console.warn(`skipped: real telemetry is not at ${TELEMETRY}`);

describe.skipIf(absent)('real telemetry', () => {
  test.each(['as-recorded', 'c2-public'])('Empire’s 5-second beacons rank first, %s', async (side) => {
    await using lake = await openLake(`${TELEMETRY}empire-psinject-5s-beacon/${side}`);
    const keys = await (await lake.beacons({ min_score: 0 })).rows();
    expect(keys.slice(0, 2).map((key) => key.ProcessName)).toEqual(['powershell.exe', 'notepad.exe']);
    for (const key of keys.slice(0, 2)) {
      expect(RECORDED_C2.has(String(key.Destination))).toBe(true);
      expect(key.IntervalSeconds).toBeCloseTo(5, 0);
      expect(key.BeaconScore).toBeGreaterThan(0.6);
    }
  });

  test.each(RECORDED_ATTACKS.map((set) => `${set}/as-recorded`))(
    'nothing benign scores over 0.6 in %s',
    async (lakePath) => {
      await using lake = await openLake(`${TELEMETRY}${lakePath}`);
      const keys = await (
        await lake.beacons({ min_score: 0, action_types: ['ConnectionSuccess', 'InboundConnectionAccepted'] })
      ).rows();
      const benign = keys.filter((key) => !RECORDED_C2.has(String(key.Destination)));
      expect(benign.filter((key) => Number(key.BeaconScore) > 0.6)).toEqual([]);
    },
  );
});

describe('the sample lake', () => {
  test('sql calls the same analysis by name, each parameter by its own', async () => {
    await using lake = await openLake(SAMPLE);
    const direct = await (await lake.beacons({ min_score: 0.9, key_kinds: ['address'] })).rows();
    const called = await lake.sql("SELECT * FROM beacons(min_score := 0.9, key_kinds := ['address'])");
    expect(direct.length).toBeGreaterThan(3);
    expect(await called.rows()).toEqual(direct);
  });

  test('a parameter that does not exist is refused with the nearest name', async () => {
    await using lake = await openLake(SAMPLE);
    await expect(lake.beacons({ min_scor: 0.9 })).rejects.toMatchObject({
      message: "unknown parameter 'min_scor'",
      hint: 'did you mean min_score?',
    });
  });
});
