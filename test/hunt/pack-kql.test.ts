import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findDetection } from '../../src/hunt/detection/find-detections.ts';
import { openLake, type Row } from '../../src/index.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';

const utf16 = (text: string) => Buffer.from(text, 'utf16le').toString('base64');
/** What clues are made of, near misses, and what lies between. */
const PIECES = [
  '0..255',
  '-lt 256',
  '< 0x100',
  'to 255',
  '% 256',
  'Mod 256',
  '-band 0xFF',
  '& 255',
  '% $k.Length',
  'mod Len(k)',
  '-bxor 35',
  ' Xor ',
  'b[i] ^ k',
  'a ^= b',
  "'^10'",
  'byte[] ',
  'GetBytes(',
  '.Count]',
  'charCodeAt(i)',
  'ord(c)',
  'AesManaged',
  'Cryptography.Aes',
  'TripleDESCng',
  'SHA256Managed',
  '$a.Key =',
  'CreateDecryptor',
  'new Blowfish(',
  'blowfish.mp3',
  '0x243F6A88',
  '0x63, 0x7c, 0x77,\n0x7b',
  '52 09 6a d5',
  '58, 50, 42, 34,\t26, 18, 10, 2',
  'CryptDecrypt(',
  'SystemFunction032',
  'openssl enc',
  'openssl.exe" rc4',
  'C:\\new\\openssl x',
  'ConvertTo-SecureString x -k (1..16)',
  `-enc ${utf16('$a=0..255;$b%256 -bxor [byte[]]$c[$d]')}`,
  `–E "${utf16('openssl enc -aes-256-cbc -in a -out b')}"`,
  `/ec ${utf16('é'.repeat(30))}`,
  `-enc ${utf16('nothing of note is written here')}`.slice(0, -3),
  ' ',
  '\n',
  '\t',
  '\r\n',
  '\u00a0',
  '\u2003',
  '"',
  "'",
  '\\',
  'é',
  '{',
  '😀',
  '\u0085',
];
const told = fc
  .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 })
  .map((pieces) => pieces.join(''));
/** As serializers write it: plain JSON, JSON whose signs are escaped for HTML, or no JSON. */
const script = told.chain((text) =>
  fc.constantFrom(
    JSON.stringify({ ScriptContent: text }),
    JSON.stringify({ Command: text }).replace(
      /[<>&'+]/g,
      (sign) => `\\u00${sign.charCodeAt(0).toString(16).toUpperCase()}`,
    ),
    text,
    null,
  ),
);

/** The first is what most are, so that events of several tables meet. */
function mostly<T, U>(usual: T, ...odd: U[]): fc.Arbitrary<T | U> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant(usual) },
    { weight: 2, arbitrary: fc.constantFrom(...odd) },
  );
}
const device = mostly('ws-1', 'WS-1', 'ws-2');
const pid = mostly(4, 8, 0, null);
const began = mostly('2026-01-05T08:00:00Z', '2026-01-05T08:00:01Z', '1601-01-01T00:00:00Z', null);
/** By KQL the combined view leaves out loads and connections that do not say when their process began, as it says. */
const known = { InitiatingProcessCreationTime: mostly('2026-01-05T08:00:00Z', '2026-01-05T08:00:01Z') };
const instant = fc
  .integer({ min: 0, max: 40 })
  .map((minutes) => new Date(Date.UTC(2026, 0, 5, 8, minutes)).toISOString());
const name = mostly('powershell.exe', 'WScript.exe', 'agent.exe', '', null);
const owner = {
  Timestamp: instant,
  DeviceName: device,
  InitiatingProcessId: pid,
  InitiatingProcessFileName: name,
  InitiatingProcessCommandLine: fc.constantFrom('a', 'b', null),
  InitiatingProcessAccountName: fc.constantFrom('ann', null),
  InitiatingProcessCreationTime: began,
};
const tables = fc.record({
  DeviceProcessEvents: fc.array(
    fc.record({
      Timestamp: instant,
      DeviceName: device,
      ActionType: mostly('ProcessCreated', 'OpenProcess'),
      FileName: name,
      ProcessCommandLine: fc.oneof(told, fc.constant(null)),
      AccountName: fc.constantFrom('ann', null),
      ProcessId: pid,
      ProcessCreationTime: began,
      InitiatingProcessFileName: fc.constantFrom('svchost.exe', 'explorer.exe', null),
      InitiatingProcessFolderPath: fc.constantFrom('C:\\Temp\\svchost.exe', null),
    }),
    { minLength: 15, maxLength: 40 },
  ),
  DeviceEvents: fc.array(
    fc.record({
      ...owner,
      ActionType: mostly('ScriptContent', 'PowerShellCommand', 'AmsiScriptContent', 'UsbDriveMount'),
      AdditionalFields: script,
    }),
    { minLength: 15, maxLength: 40 },
  ),
  DeviceImageLoadEvents: fc.array(
    fc.record({ ...owner, ...known, FileName: mostly('bcrypt.dll', 'RSAENH.dll', 'user32.dll', null) }),
    { minLength: 4, maxLength: 15 },
  ),
  DeviceNetworkEvents: fc.array(
    fc.record({
      ...owner,
      ...known,
      ActionType: mostly('ConnectionSuccess', 'ConnectionFailed'),
      RemoteIPType: mostly('Public', 'Private', null),
      RemoteIP: fc.constantFrom('198.51.100.7', '203.0.113.9'),
      RemotePort: mostly(4444, 443, null),
      InitiatingProcessParentFileName: fc.constantFrom('winword.exe', 'explorer.exe', null),
    }),
    { minLength: 4, maxLength: 15 },
  ),
});

test.each([
  ['cipher-artefacts', 12],
  ['combined-ranking', 5],
])(
  'on random lakes, %s in KQL gives the rows of its SQL',
  async (which, numRuns) => {
    const file = new URL(`../../sql/detections/t1573.001/${which}.kql`, import.meta.url);
    const query = readFileSync(fileURLToPath(file), 'utf8');
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(tables, async (rows) => {
        const folder = temporaryFolder();
        for (const [table, events] of Object.entries(rows)) {
          mkdirSync(join(folder, table));
          writeFileSync(
            join(folder, table, 'a.jsonl'),
            events.map((row) => `${JSON.stringify(row)}\n`).join(''),
          );
        }
        await using lake = await openLake(folder, { threads: 1 });
        const hunted = await (await lake.huntLayers(findDetection(`t1573.001/${which}`), [])).rows();
        const request = { now: new Date('2030-01-01'), parameters: { lookback: '36500d' } };
        const queried = await (await lake.kql(query, request)).rows();
        expect(sorted(queried)).toEqual(sorted(hunted));
        for (const { Artefacts } of hunted) for (const each of Artefacts as string[]) seen.add(each);
      }),
      { numRuns, endOnFailure: true },
    );
    if (which === 'cipher-artefacts') expect([...seen].sort()).toEqual(ARTEFACTS);
    expect(seen.size).toBeGreaterThan(5);
  },
  240_000,
);

const ARTEFACTS = [
  '.NET cipher with a key',
  'AES tables',
  'Blowfish',
  'DES tables',
  'RC4 key schedule',
  'SecureString with a key',
  'Windows cipher functions called by name',
  'XOR over bytes',
  'cryptography library in a script host',
  'openssl enc',
];

/** KQL promises no order within sets, nor of rows. */
function sorted(rows: readonly Row[]): string[] {
  return rows
    .map((row) => JSON.stringify(row, (_, value) => (Array.isArray(value) ? [...value].sort() : value)))
    .sort();
}
