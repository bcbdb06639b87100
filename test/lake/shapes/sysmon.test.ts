import { describe, expect, test } from 'vitest';
import { ask, jsonLake, lines, networkRow } from './json-lake.ts';

const GUID = '{b59756a9-b238-5f17-5207-000000000400}';
/** What the two middle groups of GUID say: 0x5f17b238 seconds since 1970. */
const GUID_TIME = '2020-07-22 03:27:52';

/** Flat events, as NXLog sends them through a collector. */
const record = (EventID: unknown, data: Record<string, unknown>) => ({
  '@timestamp': '2020-07-22T09:00:00Z',
  host: 'collector.example.net',
  Hostname: 'WS-5.example.com',
  Channel: 'Microsoft-Windows-Sysmon/Operational',
  EventID,
  RecordNumber: 17,
  UtcTime: '2020-07-22 03:27:53.100',
  ProcessGuid: GUID,
  ProcessId: '9384',
  Image: 'C:\\Windows\\System32\\Regsvr32.exe',
  ...data,
});
/** The same event as Winlogbeat nests it. */
const nested = ({
  Hostname,
  Channel,
  EventID,
  RecordNumber,
  '@timestamp': time,
  host,
  ...data
}: ReturnType<typeof record>) => ({
  '@timestamp': time,
  host: { name: host },
  agent: { type: 'winlogbeat' },
  winlog: {
    channel: Channel,
    event_id: EventID,
    computer_name: Hostname,
    record_id: RecordNumber,
    event_data: data,
  },
});
const creation = (data: Record<string, unknown> = {}) =>
  record(1, {
    UtcTime: '2020-07-22 03:27:52.809',
    CommandLine: 'regsvr32 /s scrobj.dll',
    User: 'CORP\\Ann',
    IntegrityLevel: 'High',
    Hashes: 'SHA1=AA00,MD5=BB00,SHA256=CC00,IMPHASH=DD00',
    ParentProcessGuid: '{b59756a9-89dc-5f17-1006-000000000400}',
    ParentProcessId: '8648',
    ParentImage: 'C:\\Windows\\PowerShell.exe',
    ParentCommandLine: 'powershell -nop',
    Company: 'Microsoft Corporation',
    LogonId: '0x3e7',
    ...data,
  });
const load = (data: Record<string, unknown> = {}) =>
  record(7, { ImageLoaded: 'C:\\Windows\\System32\\bcrypt.dll', Hashes: 'SHA256=EE00', ...data });
const connection = (data: Record<string, unknown> = {}) =>
  record(3, {
    Protocol: 'tcp',
    Initiated: 'true',
    SourceIp: '10.0.0.5',
    SourcePort: '50000',
    SourceHostname: 'ws-5',
    DestinationIp: '203.0.113.7',
    DestinationPort: '8444',
    DestinationHostname: 'c2.example.org',
    User: 'CORP\\Ann',
    ...data,
  });

const IMAGES = `
  SELECT
    Timestamp::VARCHAR AS t, DeviceName, ActionType, FileName, FolderPath, SHA256, InitiatingProcessFileName AS process,
    InitiatingProcessFolderPath AS path, InitiatingProcessId AS pid, InitiatingProcessCommandLine AS command,
    InitiatingProcessAccountDomain AS domain, InitiatingProcessAccountName AS account, InitiatingProcessSHA1 AS sha1,
    InitiatingProcessParentFileName AS parent, InitiatingProcessCreationTime::VARCHAR AS created, ReportId
  FROM DeviceImageLoadEvents`;
const LOADED = {
  t: '2020-07-22 03:27:53.1',
  DeviceName: 'ws-5.example.com',
  ActionType: 'ImageLoaded',
  FileName: 'bcrypt.dll',
  FolderPath: 'C:\\Windows\\System32\\bcrypt.dll',
  SHA256: 'ee00',
  process: 'Regsvr32.exe',
  path: 'c:\\windows\\system32\\regsvr32.exe',
  pid: '9384',
  command: 'regsvr32 /s scrobj.dll',
  domain: 'corp',
  account: 'ann',
  sha1: 'aa00',
  parent: 'PowerShell.exe',
  created: '2020-07-22 03:27:52.809',
  ReportId: '17',
};
const NETWORK = `
  SELECT
    DeviceName, ActionType, RemoteIP, RemotePort, RemoteIPType, RemoteUrl, LocalIP, LocalPort, LocalIPType, Protocol,
    InitiatingProcessFileName AS process, InitiatingProcessCommandLine AS command
  FROM DeviceNetworkEvents`;
const CONNECTED = {
  DeviceName: 'ws-5.example.com',
  ActionType: 'ConnectionSuccess',
  RemoteIP: '203.0.113.7',
  RemotePort: 8444,
  RemoteIPType: 'Public',
  RemoteUrl: 'c2.example.org',
  LocalIP: '10.0.0.5',
  LocalPort: 50000,
  LocalIPType: 'Private',
  Protocol: 'Tcp',
  process: 'Regsvr32.exe',
  command: 'regsvr32 /s scrobj.dll',
};

describe.each([
  ['flat', (event: ReturnType<typeof record>) => event as object],
  [
    'flat with the event id as text',
    (event: ReturnType<typeof record>) => ({ ...event, EventID: String(event.EventID) }),
  ],
  [
    'flat with Computer',
    ({ Hostname, ...event }: ReturnType<typeof record>) => ({ ...event, Computer: Hostname }),
  ],
  ['nested by Winlogbeat', nested],
])('Sysmon events, %s', (_, shaped) => {
  test('feed both tables, and the collector is never the device', async () => {
    const folder = await jsonLake({
      'logs/a.jsonl': lines(...[creation(), load(), connection()].map(shaped)),
    });
    expect(await ask(folder, IMAGES)).toEqual([LOADED]);
    expect(await ask(folder, NETWORK)).toEqual([CONNECTED]);
  });

  test('are joined to their process across files', async () => {
    const folder = await jsonLake({
      'logs/1.jsonl': lines(shaped(load())),
      'logs/2.json.gz': lines(shaped(connection())),
      'logs/3.json': JSON.stringify([shaped(creation())]),
    });
    expect(await ask(folder, IMAGES)).toEqual([LOADED]);
    expect(await ask(folder, NETWORK)).toEqual([CONNECTED]);
  });
});

test('Sysmon fields are matched in any casing, file by file', async () => {
  const lower = (event: object) =>
    Object.fromEntries(Object.entries(event).map(([key, value]) => [key.toLowerCase(), value]));
  const apart = await jsonLake({ 'logs/a.jsonl': lines(lower(load())), 'logs/b.jsonl': lines(creation()) });
  expect(await ask(apart, IMAGES)).toEqual([LOADED]);
  const mixed = await jsonLake({ 'logs/a.jsonl': lines(lower(load()), creation()) });
  await expect(ask(mixed, IMAGES)).rejects.toThrow(/a\.jsonl: its records have both/);
});

describe('the process of a Sysmon event', () => {
  const PROCESS = `
    SELECT InitiatingProcessCommandLine AS command, InitiatingProcessAccountName AS account, InitiatingProcessId AS pid,
      InitiatingProcessCreationTime::VARCHAR AS created
    FROM DeviceImageLoadEvents`;

  test('across nestings, whatever the casing of its ProcessGuid', async () => {
    const folder = await jsonLake({
      'logs/flat.jsonl': lines(load()),
      'logs/beat.jsonl': lines(nested(creation({ ProcessGuid: GUID.toUpperCase() }))),
    });
    expect(await ask(folder, IMAGES)).toEqual([LOADED]);
  });

  test('whose creation was collected twice is joined once, by the earliest', async () => {
    const folder = await jsonLake({
      'logs/a.jsonl': lines(
        creation({ UtcTime: '2020-07-22 03:28:00.000', CommandLine: 'later' }),
        creation({ CommandLine: 'b' }),
        creation({ CommandLine: 'a' }),
        load(),
      ),
    });
    expect(await ask(folder, PROCESS)).toEqual([
      { command: 'a', account: 'ann', pid: '9384', created: '2020-07-22 03:27:52.809' },
    ]);
  });

  test('that ran before the log began has the time in its ProcessGuid and the account of its other events', async () => {
    const folder = await jsonLake({
      'logs/a.jsonl': lines(load(), connection({ User: 'NT AUTHORITY\\SYSTEM' })),
    });
    expect(await ask(folder, PROCESS)).toEqual([
      { command: '', account: 'system', pid: '9384', created: GUID_TIME },
    ]);
  });

  test('is found by ProcessGuid where the event lacks its process id', async () => {
    for (const ProcessId of [undefined, '', '-']) {
      const folder = await jsonLake({ 'logs/a.jsonl': lines(creation(), load({ ProcessId })) });
      expect(await ask(folder, PROCESS)).toMatchObject([{ pid: '9384' }]);
    }
  });

  test('is none where ProcessGuid is zero: the events stay, nothing is joined', async () => {
    const ProcessGuid = '{00000000-0000-0000-0000-000000000000}';
    const folder = await jsonLake({
      'logs/a.jsonl': lines(creation({ ProcessGuid }), load({ ProcessGuid })),
    });
    expect(await ask(folder, PROCESS)).toEqual([{ command: '', account: '', pid: '9384', created: null }]);
  });
});

describe('a Sysmon connection', () => {
  test('that was accepted is inbound, and its source is the remote end', async () => {
    const folder = await jsonLake({
      'logs/a.jsonl': lines(
        connection({
          Initiated: 'false',
          SourceIp: '198.51.100.9',
          SourcePort: '61000',
          SourceHostname: '-',
          DestinationIp: '10.0.0.5',
          DestinationPort: '445',
        }),
      ),
    });
    expect(await ask(folder, NETWORK)).toMatchObject([
      {
        ActionType: 'InboundConnectionAccepted',
        RemoteIP: '198.51.100.9',
        RemotePort: 61000,
        RemoteUrl: '',
        LocalIP: '10.0.0.5',
        LocalPort: 445,
      },
    ]);
  });

  test('has the class of both its addresses, in Defender’s words, and IPv6 in its short form', async () => {
    const classes: [ip: string, type: string, written?: string][] = [
      ['8.8.8.8', 'Public'],
      ['172.15.255.255', 'Public'],
      ['172.16.0.1', 'Private'],
      ['172.31.255.255', 'Private'],
      ['172.32.0.0', 'Public'],
      ['10.1.2.3', 'Private'],
      ['11.1.2.3', 'Public'],
      ['192.168.0.1', 'Private'],
      ['192.169.0.1', 'Public'],
      ['100.63.255.255', 'Public'],
      ['100.64.0.0', 'CarrierGradeNat'],
      ['100.127.255.255', 'CarrierGradeNat'],
      ['100.128.0.0', 'Public'],
      ['169.254.1.1', 'Private'],
      ['127.0.0.1', 'Loopback'],
      ['0.0.0.0', 'Reserved'],
      ['224.0.0.251', 'Reserved'],
      ['240.0.0.1', 'Reserved'],
      ['223.255.255.255', 'Public'],
      ['255.255.255.255', 'Broadcast'],
      ['255.255.255.254', 'Reserved'],
      ['0:0:0:0:0:0:0:1', 'Loopback', '::1'],
      ['0:0:0:0:0:0:0:0', 'Reserved', '::'],
      ['fe80:0:0:0:3816:b2ee:1b9b:324b', 'Private', 'fe80::3816:b2ee:1b9b:324b'],
      ['FC00:0:0:0:0:0:0:1', 'Private', 'fc00::1'],
      ['fd12:3456:0:0:1:0:0:1', 'Private', 'fd12:3456::1:0:0:1'],
      ['fe00:1:2:3:4:5:6:7', 'Public'],
      ['ff02:0:0:0:0:0:0:fb', 'Reserved', 'ff02::fb'],
      ['0:0:0:0:0:ffff:a00:5', 'FourToSixMapping', '::ffff:a00:5'],
      ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'Teredo'],
      ['2001:0:0:0:0:0:0:1', 'Teredo', '2001::1'],
      ['2001:4860:4860:0:0:0:0:8888', 'Public', '2001:4860:4860::8888'],
      ['2606:4700:0:0:1:0:0:0', 'Public', '2606:4700:0:0:1::'],
      ['2620:0:1:0:2:0:3:0', 'Public'],
      ['::1', 'Loopback'],
    ];
    const events = classes.map(([ip], n) =>
      connection({ DestinationIp: ip, DestinationPort: String(n), SourceIp: ip }),
    );
    const folder = await jsonLake({ 'logs/a.jsonl': lines(...events) });
    const sql = `
      SELECT RemoteIP, RemoteIPType, LocalIP, LocalIPType FROM DeviceNetworkEvents ORDER BY RemotePort`;
    expect(await ask(folder, sql)).toEqual(
      classes.map(([ip, type, written = ip]) => ({
        RemoteIP: written,
        RemoteIPType: type,
        LocalIP: written,
        LocalIPType: type,
      })),
    );
  });
});

test('a created process is a row of DeviceProcessEvents, its parent the initiating process', async () => {
  const folder = await jsonLake({
    'logs/a.jsonl': lines(
      creation(),
      creation({
        ProcessGuid: '{b59756a9-b239-5f17-5307-000000000400}',
        ProcessId: '9076',
        Image: 'C:\\Temp\\x.exe',
        CommandLine: 'x.exe -q',
        ParentProcessGuid: GUID,
        ParentProcessId: '9384',
        ParentImage: 'C:\\Windows\\System32\\Regsvr32.exe',
        ParentCommandLine: 'regsvr32 /s scrobj.dll',
      }),
    ),
  });
  const sql = `
    SELECT FileName, ProcessId, ProcessCommandLine AS command, AccountName, SHA256, LogonId,
      InitiatingProcessFileName AS parent, InitiatingProcessId AS parent_pid, InitiatingProcessSHA1 AS parent_sha1,
      InitiatingProcessCommandLine AS parent_command, InitiatingProcessParentFileName AS grandparent,
      InitiatingProcessCreationTime::VARCHAR AS parent_created
    FROM DeviceProcessEvents WHERE FileName = 'x.exe'`;
  expect(await ask(folder, sql)).toEqual([
    {
      FileName: 'x.exe',
      ProcessId: '9076',
      command: 'x.exe -q',
      AccountName: 'ann',
      SHA256: 'cc00',
      LogonId: '999',
      parent: 'Regsvr32.exe',
      parent_pid: '9384',
      parent_sha1: 'aa00',
      parent_command: 'regsvr32 /s scrobj.dll',
      grandparent: 'PowerShell.exe',
      parent_created: '2020-07-22 03:27:52.809',
    },
  ]);
});

describe('Windows event logs', () => {
  const security = {
    Channel: 'Security',
    EventID: 4688,
    Hostname: 'WS-5.example.com',
    ProcessId: '0x1a',
    Message: 'x'.repeat(500),
  };

  test('in which Sysmon comes late are found to hold it', async () => {
    const folder = await jsonLake({
      'logs/a.jsonl': lines(...Array.from({ length: 500 }, () => security), creation(), load()),
    });
    expect(await ask(folder, IMAGES)).toEqual([LOADED]);
  });

  test('without Sysmon feed none of its tables', async () => {
    const folder = await jsonLake({ 'logs/a.jsonl': lines(security) });
    expect(await ask(folder, 'SELECT EventID FROM logs')).toEqual([{ EventID: '4688' }]);
  });

  test('of Sysmon in the folder of a table that it cannot feed are refused by name', async () => {
    const folder = await jsonLake({ 'DeviceLogonEvents/a.jsonl': lines(load()) });
    await expect(ask(folder, 'SELECT * FROM DeviceLogonEvents')).rejects.toThrow(
      /a\.jsonl: a Sysmon log, which has no rows of DeviceLogonEvents/,
    );
  });
});

test('every shape in one lake feeds the same table', async () => {
  const properties = networkRow({ RemotePort: 3 });
  const folder = await jsonLake({
    'DeviceNetworkEvents/xdr.jsonl': lines(networkRow({ RemotePort: 1 })),
    'DeviceNetworkEvents/sentinel.json.gz': lines(
      networkRow({ RemotePort: 2, Timestamp: undefined, TimeGenerated: '2026-01-05T00:00:00Z' }),
    ),
    'hub/a.json': JSON.stringify({
      records: [{ category: 'AdvancedHunting-DeviceNetworkEvents', properties }],
    }),
    'hub/b.jsonl.zst': lines({
      category: 'AdvancedHunting-DeviceNetworkEvents',
      properties: { ...properties, RemotePort: 4 },
    }),
    'sysmon/flat.jsonl': lines(connection({ DestinationPort: '5' })),
    'sysmon/beat.jsonl': lines(nested(connection({ DestinationPort: '6' }))),
  });
  const sql = 'SELECT RemotePort, RemoteIPType FROM DeviceNetworkEvents ORDER BY 1';
  expect(await ask(folder, sql)).toEqual(
    [1, 2, 3, 4, 5, 6].map((RemotePort) => ({ RemotePort, RemoteIPType: 'Public' })),
  );
});
