import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { macroText } from '../../src/dialect/duckdb/macro-text.ts';
import { openLake } from '../../src/index.ts';
import { addressClass, BLOCKS, dotted, parseBlock } from '../oracle/address-class.ts';
import { imageLoad, networkEvent, query, temporaryFolder, writeFile } from './parquet-files.ts';

async function classes(addresses: readonly string[]): Promise<string[]> {
  const list = addresses.map((each) => `'${each.replaceAll("'", "''")}'`).join(', ');
  const rows = await query(
    `${macroText('address_class')} SELECT address_class(ip) AS class FROM (SELECT unnest([${list}]) AS ip)`,
  );
  return rows.map((row) => String(row.class));
}

describe('an address has the class', () => {
  test.each([
    ['8.8.8.8', 'Public'],
    ['10.1.2.3', 'Private'],
    ['172.31.255.255', 'Private'],
    ['172.32.0.0', 'Public'],
    ['192.168.0.1', 'Private'],
    ['169.254.7.7', 'LinkLocal'],
    ['127.0.0.1', 'Loopback'],
    ['255.255.255.255', 'Broadcast'],
    ['239.255.255.250', 'Reserved'],
    ['203.0.113.10', 'Reserved'],
    ['100.64.0.1', 'Reserved'],
    ['2606:4700:4700::1111', 'Public'],
    ['2001:db8::1', 'Reserved'],
    ['2001:0:c000:22d:1234:5678:3f57:fe4d', 'Teredo'],
    ['2002:808:808::1', 'FourToSixMapping'],
    ['fe80::1%12', 'LinkLocal'],
    ['FD00::1', 'Private'],
    ['::1', 'Loopback'],
    ['::', 'Reserved'],
    ['ff02::fb', 'Reserved'],
    ['::ffff:8.8.8.8', 'Public'],
    ['::ffff:10.0.0.1', 'Private'],
    ['::FFFF:7f00:1', 'Loopback'],
    ['64:ff9b::8.8.8.8', 'Public'],
    ['', ''],
    ['not an address', ''],
    ['1.2.3', ''],
    ['1.2.3.256', ''],
    ['1.2.3.04', ''],
    ['1:2:3:4:5:6:7:8:9', ''],
    ['1::2::3', ''],
    [':::', ''],
    ['12345::', ''],
    ['::1.2.3.999', ''],
  ])('%s: %s', async (address, expected) => {
    expect(await classes([address])).toEqual([expected]);
    expect(addressClass(address)).toBe(expected);
  });
});

const ipv6Text = (value: bigint) =>
  Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16)).join(
    ':',
  );
const text = (value: bigint, bits: 32 | 128) => (bits === 32 ? dotted(value) : ipv6Text(value));

test('at the edges of every registered block, and one beyond, the class is the registries’', async () => {
  const addresses = BLOCKS.flatMap((cidr) => {
    const { base, length, bits } = parseBlock(cidr);
    const last = base + (1n << BigInt(bits - length)) - 1n;
    return [base - 1n, base, last, last + 1n]
      .filter((value) => value >= 0n && value < 1n << BigInt(bits))
      .map((value) => text(value, bits));
  });
  expect(await classes(addresses)).toEqual(addresses.map(addressClass));
});

test('random addresses and random text have the class that an independent reading gives', async () => {
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map(ipv6Text),
    fc.ipV4().map((ip) => `::ffff:${ip}`),
    fc.stringMatching(/^[0-9a-f:.]{0,20}$/),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(address, { minLength: 50, maxLength: 100 }), async (addresses) => {
      expect(await classes(addresses)).toEqual(addresses.map(addressClass));
    }),
    { numRuns: 15 },
  );
});

describe('a lake whose addresses are classified', () => {
  async function lakeWith(events: Record<string, string>[]) {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'DeviceImageLoadEvents', 'a.parquet'), imageLoad());
    await writeFile(
      join(folder, 'DeviceNetworkEvents', 'a.parquet'),
      events.map((event) => networkEvent(event)).join(' UNION ALL '),
    );
    return openLake(folder, { classifyAddresses: true });
  }

  test('hunts a public address whose class was not recorded, and not one for documentation', async () => {
    await using lake = await lakeWith([
      { RemoteIP: "'8.8.4.4'", RemoteIPType: 'NULL::VARCHAR' },
      { RemoteIP: "'203.0.113.1'" },
    ]);
    const [finding, ...others] = await (await lake.hunt()).rows();
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ RemoteIPs: ['8.8.4.4'], ConnectionCount: 1 });
  });

  test('says what disagrees, most rows first', async () => {
    await using lake = await lakeWith([
      { RemoteIP: "'8.8.4.4'", RemoteIPType: 'NULL::VARCHAR' },
      { RemoteIP: "'203.0.113.1'" },
      { RemoteIP: "'203.0.113.1'" },
      { RemoteIP: "'9.9.9.9'" },
      { RemoteIP: "''" },
    ]);
    expect(await lake.compareAddressClasses()).toEqual({
      rows: 4,
      disagreements: [
        { recorded: 'Public', derived: 'Reserved', rows: 2 },
        { recorded: '', derived: 'Public', rows: 1 },
      ],
    });
  });

  test('gives the derived class to SQL and KQL as well, and a script that runs anywhere', async () => {
    await using lake = await lakeWith([{ RemoteIP: "'::ffff:192.168.1.1'" }]);
    const sql = await (await lake.sql('SELECT RemoteIPType FROM DeviceNetworkEvents')).rows();
    const kql = await (await lake.kql('DeviceNetworkEvents | project RemoteIPType')).rows();
    expect([sql, kql]).toEqual([[{ RemoteIPType: 'Private' }], [{ RemoteIPType: 'Private' }]]);
  });
});
