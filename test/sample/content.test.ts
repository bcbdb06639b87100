import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { advancedHuntingTables } from '../../src/schema/advanced-hunting.ts';
import { query } from '../oracle/read-parquet.ts';

const LAKE = fileURLToPath(new URL('../../data/sample', import.meta.url));
const LOADS = `'${LAKE}/DeviceImageLoadEvents/*/*.parquet'`;
const CONNECTIONS = `'${LAKE}/DeviceNetworkEvents/*/*.parquet'`;
const BOTH = `(SELECT COLUMNS('^(Timestamp|DeviceName|Initiating.*)$') FROM ${LOADS}
  UNION ALL BY NAME SELECT COLUMNS('^(Timestamp|DeviceName|Initiating.*)$') FROM ${CONNECTIONS})`;

async function one(sql: string): Promise<unknown> {
  return Object.values((await query(sql))[0]!)[0];
}

async function values(column: string, table: string): Promise<unknown[]> {
  return (await query(`SELECT DISTINCT ${column} AS v FROM ${table} ORDER BY v NULLS LAST`)).map(
    ({ v }) => v,
  );
}

describe('the sample lake', () => {
  it.each([
    ['DeviceImageLoadEvents', LOADS, []],
    [
      'DeviceNetworkEvents',
      CONNECTIONS,
      [
        ['SentBytes', 'BIGINT'],
        ['ReceivedBytes', 'BIGINT'],
      ],
    ],
  ])('has the documented columns of %s, in their types', async (table, files, more) => {
    const physical: Record<string, string> = {
      bool: 'BOOLEAN',
      datetime: 'TIMESTAMP',
      int: 'INTEGER',
      long: 'BIGINT',
      string: 'VARCHAR',
    };
    const documented = advancedHuntingTables()
      [table]!.filter((column) => column.in.includes('xdr'))
      .map(({ name, type }) => [name, physical[type]]);
    const described = await query(`DESCRIBE SELECT * EXCLUDE (date) FROM ${files}`);
    expect(described.map(({ column_name, column_type }) => [column_name, column_type])).toEqual([
      ...documented,
      ...more,
    ]);
  });

  it('fills every column but AppGuardContainerId', async () => {
    for (const files of [LOADS, CONNECTIONS]) {
      const [counts] = await query(`SELECT count(COLUMNS(*)) FROM ${files}`);
      const empty = Object.keys(counts!).filter((name) => Number(counts![name]) === 0);
      expect(empty).toEqual(['AppGuardContainerId']);
    }
  });

  it('has 20 to 60 thousand rows of many devices, each row in the partition of its day, sorted by time', async () => {
    const rows = Number(await one(`SELECT count(*) FROM ${BOTH}`));
    expect(rows).toBeGreaterThan(20_000);
    expect(rows).toBeLessThan(60_000);
    expect(await one(`SELECT count(DISTINCT DeviceId) FROM ${CONNECTIONS}`)).toBe(40n);
    for (const files of [LOADS, CONNECTIONS]) {
      expect(await one(`SELECT count(*) FROM ${files} WHERE Timestamp::DATE <> date`)).toBe(0n);
      const unsorted = `SELECT Timestamp < lag(Timestamp) OVER (PARTITION BY date ORDER BY file_row_number) AS back
        FROM read_parquet(${files}, file_row_number = true)`;
      expect(await one(`SELECT count(*) FROM (${unsorted}) WHERE back`)).toBe(0n);
    }
  });

  it('loads watched libraries in about 4 % of loads, in several spellings', async () => {
    const watched =
      "lower(FileName) IN ('rsaenh.dll', 'bcrypt.dll', 'bcryptprimitives.dll', 'cryptsp.dll', 'ncrypt.dll')";
    const share = Number(await one(`SELECT avg((${watched})::INT) FROM ${LOADS}`));
    expect(share).toBeGreaterThan(0.03);
    expect(share).toBeLessThan(0.05);
    const spellings = await values('FileName', `(FROM ${LOADS} WHERE ${watched})`);
    expect(spellings).toEqual(
      expect.arrayContaining(['RSAENH.dll', 'rsaenh.dll', 'BCRYPT.DLL', 'CRYPTSP.dll']),
    );
    expect(await values('FileName', LOADS)).toEqual(expect.arrayContaining(['WinHTTP.dll', 'WINHTTP.DLL']));
  });

  it('goes to public addresses on unusual ports in 2 to 4 % of ordinary connections', async () => {
    // Ordinary traffic has 198.18.0.0/15 and the upper half of 192.0.2.0/24 to itself.
    const ordinary = "(RemoteIP LIKE '198.1_.%' OR RemoteIP SIMILAR TO '192\\.0\\.2\\.[12]\\d\\d')";
    const standard = '(80, 443, 8080, 8443, 53, 22, 21, 20, 25, 587, 465, 993, 995, 110, 143, 3389)';
    const share = Number(
      await one(`SELECT avg((ActionType = 'ConnectionSuccess' AND RemoteIPType = 'Public'
        AND RemotePort NOT IN ${standard} AND ${ordinary})::INT) FROM ${CONNECTIONS}`),
    );
    expect(share).toBeGreaterThan(0.02);
    expect(share).toBeLessThan(0.04);
  });

  it('has every action and every class of address, null among the latter, and IPv6', async () => {
    expect(await values('ActionType', CONNECTIONS)).toEqual([
      'ConnectionAcknowledged',
      'ConnectionAttempt',
      'ConnectionFailed',
      'ConnectionFailedAggregatedReport',
      'ConnectionFound',
      'ConnectionRequest',
      'ConnectionSuccess',
      'ConnectionSuccessAggregatedReport',
      'DnsConnectionInspected',
      'FtpConnectionInspected',
      'HttpConnectionInspected',
      'IcmpConnectionInspected',
      'InboundConnectionAccepted',
      'InboundInternetScanInspected',
      'ListeningConnectionCreated',
      'NetworkSignatureInspected',
      'SmtpConnectionInspected',
      'SshConnectionInspected',
      'SslConnectionInspected',
    ]);
    expect(await values('RemoteIPType', CONNECTIONS)).toEqual([
      'Broadcast',
      'FourToSixMapping',
      'LinkLocal',
      'Loopback',
      'Private',
      'Public',
      'Reserved',
      'Teredo',
      null,
    ]);
    const ipv6 = `SELECT count(*) FROM ${CONNECTIONS} WHERE RemoteIPType = 'Public' AND contains(RemoteIP, ':')`;
    expect(Number(await one(ipv6))).toBeGreaterThan(100);
  });

  it('names public addresses and hosts of nobody', async () => {
    const public4 = '^(192\\.0\\.2|198\\.51\\.100|203\\.0\\.113|198\\.1[89]\\.\\d+)\\.\\d+$';
    const strange = `RemoteIPType = 'Public' AND NOT regexp_matches(RemoteIP, '${public4}|^2001:db8:')`;
    expect(await one(`SELECT count(*) FROM ${CONNECTIONS} WHERE ${strange}`)).toBe(0n);
    const hosts =
      "SELECT RemoteUrl FROM %s WHERE NOT regexp_matches(RemoteUrl, '(\\.example\\.com|\\.invalid)$')";
    expect(await query(hosts.replace('%s', CONNECTIONS))).toEqual([]);
  });

  it('has process ids that are null and 0, and ids reused within a minute, told apart by creation time', async () => {
    expect(await values('InitiatingProcessId IS NULL', LOADS)).toEqual([false, true]);
    expect(await values('InitiatingProcessId IS NULL', CONNECTIONS)).toEqual([false, true]);
    expect(await one(`SELECT count(*) FROM ${LOADS} WHERE InitiatingProcessId = 0`)).not.toBe(0n);
    expect(await one(`SELECT count(*) FROM ${CONNECTIONS} WHERE InitiatingProcessId = 0`)).not.toBe(0n);
    const reused = `SELECT count(*) FROM (
      SELECT DISTINCT DeviceName, InitiatingProcessId AS id, InitiatingProcessCreationTime AS created FROM ${BOTH}
      WHERE InitiatingProcessId > 4
    ) SEMI JOIN (
      SELECT DISTINCT DeviceName AS d, InitiatingProcessId AS i, InitiatingProcessCreationTime AS c FROM ${BOTH}
    ) ON DeviceName = d AND id = i AND c > created AND c - created < INTERVAL 1 MINUTE`;
    expect(Number(await one(reused))).toBeGreaterThan(10);
  });

  it('gives an image one hash wherever it runs, and two images two', async () => {
    const hashes = `SELECT lower(parse_filename(InitiatingProcessFolderPath, false, 'both_slash')) AS name,
      InitiatingProcessVersionInfoProductVersion AS version, InitiatingProcessSHA256 AS hash
      FROM ${BOTH} WHERE InitiatingProcessSHA256 IS NOT NULL GROUP BY ALL`;
    expect(await query(`SELECT hash FROM (${hashes}) GROUP BY hash HAVING count(*) > 1`)).toEqual([]);
    expect(await query(`SELECT name FROM (${hashes}) GROUP BY name HAVING count(*) > 1`)).toEqual([]);
    const libraries = `SELECT lower(FolderPath) AS path FROM ${LOADS} GROUP BY path HAVING count(DISTINCT SHA256) > 1`;
    expect(await query(libraries)).toEqual([]);
  });

  it('spells process names in several ways', async () => {
    const spelled = `SELECT lower(InitiatingProcessFileName) AS name FROM ${LOADS}
      GROUP BY name HAVING count(DISTINCT InitiatingProcessFileName) > 1`;
    expect((await query(spelled)).length).toBeGreaterThan(5);
  });
});
