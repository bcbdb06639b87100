import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openLake } from '../../src/index.ts';
import { RECORDED_ATTACKS } from './recorded-attacks.ts';

/** Real endpoint telemetry recorded in labs; what the detection must find in it is known from outside. */
const TELEMETRY = fileURLToPath(new URL('../../../shared/telemetry/', import.meta.url));
const absent = !existsSync(TELEMETRY);
if (absent) console.warn(`skipped: real telemetry is not at ${TELEMETRY}`);

async function hunt(set: string, side: string, settings = {}) {
  await using lake = await openLake(`${TELEMETRY}${set}/${side}`);
  const found = await (await lake.hunt('t1573.001', settings)).rows();
  const pairs = await (await lake.hunt('t1573.001', { ...settings, variant: 'evidence' })).rows();
  return {
    found,
    pids: [...new Set(pairs.map((pair) => pair.ProcessId))],
    pairs: pairs.length,
    connections: new Set(pairs.map((pair) => pair.ConnTime)).size,
  };
}

describe.skipIf(absent)('real telemetry, with the lab’s C2 address made public', () => {
  test('meterpreter on 4433: its payload, each of two connections once for every library load before it', async () => {
    const { found, pids, pairs, connections } = await hunt('meterpreter-4433', 'c2-public');
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      ProcessName: 'winx64_payload.exe',
      ConnectionCount: 9,
      RemoteIPs: ['203.0.113.10'],
      RemotePorts: [4433],
      TotalBytesSent: null,
      TotalBytesReceived: null,
      DataTransferMB: null,
    });
    expect({ pids, pairs, connections }).toEqual({ pids: [6984], pairs: 9, connections: 2 });
  });

  test('empire through regsvr32 on 8444: one connection after two loads', async () => {
    const { found, pids, pairs } = await hunt('empire-regsvr32-8444', 'c2-public');
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ ProcessName: 'regsvr32.exe', ConnectionCount: 2 });
    expect({ pids, pairs }).toEqual({ pids: [9384], pairs: 2 });
  });

  test('empire’s PowerShell: regsvr32.exe started it, and its encoded command holds RC4', async () => {
    const powershell = { ProcessName: 'powershell.exe', DeviceName: 'workstation5.mordor.local' };
    await using lake = await openLake(`${TELEMETRY}empire-regsvr32-8444/c2-public`);
    expect(await (await lake.hunt('t1573.001/process-genealogy')).rows()).toEqual([
      expect.objectContaining({ ...powershell, ParentProcess: 'regsvr32.exe', Reasons: ['unusual parent'] }),
    ]);
    await using log = await openLake(`${TELEMETRY}empire-regsvr32-8444/sysmon`);
    const [found, ...others] = await (await log.hunt('t1573.001/cipher-artefacts')).rows();
    expect(others).toEqual([]);
    expect(found).toMatchObject({ ...powershell, Artefacts: ['RC4 key schedule', 'XOR over bytes'] });
    expect(String(found!.Excerpt)).toContain('$S=0..255;0..255|%{$J=($J+$S[$_]+');
  });

  test('meterpreter on 8443 hides on a standard port', async () => {
    expect((await hunt('meterpreter-8443', 'c2-public')).found).toEqual([]);
  });

  test('and is found once only 80 and 443 are standard', async () => {
    const { found, pids, connections } = await hunt('meterpreter-8443', 'c2-public', {
      standard_ports: [80, 443],
    });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ ProcessName: 'payload.exe', ConnectionCount: 6 });
    expect({ pids, connections }).toEqual({ pids: [3432], connections: 2 });
  });

  test.each(['covenant-excel4macro', 'empire-dcom-no-pid', 'empire-psinject-5s-beacon'])(
    'nothing in %s',
    async (set) => {
      expect((await hunt(set, 'c2-public')).found).toEqual([]);
    },
  );
});

describe.skipIf(absent)('real telemetry as recorded, every C2 address private', () => {
  test.each(RECORDED_ATTACKS)('nothing in %s', async (set) => {
    expect((await hunt(set, 'as-recorded')).found).toEqual([]);
  });
});
