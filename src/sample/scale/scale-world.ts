import { quoteString } from '../../dialect/duckdb/quote.ts';
import { images, libraries } from './scale-files.ts';
import type { ScaleScope } from './scale-options.ts';

/**
 * Statements that make what all days of a scale lake share: how choices are drawn, and the tables `devices`,
 * `images`, `libraries` and `addresses`, each under a number that an event can draw.
 */
export function worldStatements(scope: ScaleScope): string[] {
  const seed = quoteString(scope.seed);
  return [
    // All choices are hashes of what is chosen for. Fractions are multiples of 2^-53, products of them exactly
    // rounded: the same on every machine.
    `CREATE MACRO draw(key, salt) AS (hash(key, salt, ${seed}) >> 1)::BIGINT`,
    'CREATE MACRO fraction(drawn) AS (drawn >> 10)::DOUBLE / 9007199254740992',
    // The microsecond of the day that a part of the day's events has come to: 15 % before 7, 15 % after 18 o'clock.
    `CREATE MACRO clock(part) AS CAST(3600000000 * CASE
  WHEN part < 0.15 THEN part / 0.15 * 7
  WHEN part < 0.85 THEN 7 + (part - 0.15) / 0.7 * 11
  ELSE 18 + (part - 0.85) / 0.15 * 6
END AS BIGINT)`,
    devices(scope.devices),
    images(),
    libraries(),
    addresses(),
  ];
}

function devices(count: number): string {
  return `
CREATE TABLE devices AS
SELECT
  n AS device,
  sha1('merganser scale device ' || n) AS DeviceId,
  format('ws-{:05d}.contoso.example', n) AS DeviceName,
  format('10.{}.{}.{}', 20 + n // 62500, n // 250 % 250, 1 + n % 250) AS LocalIP,
  format('{}.{}', chr((97 + n % 26)::INTEGER), to_base(n, 36, 4)) AS owner,
  'S-1-5-21-1004336348-1177238915-682003330-' || (1100 + n) AS ownerSid,
  md5('merganser scale owner ' || n)::UUID::VARCHAR AS ownerObjectId
FROM range(${count}) AS numbers(n)`;
}

/** Processes of a device that are up before the day begins and past its end. */
export const RESIDENTS_PER_DEVICE = 6;

/** How the processes of a day are numbered: residents first, then those that start, in the order of their starts. */
export function processNumbers({ devices, processesPerDay }: ScaleScope) {
  return { residents: devices * RESIDENTS_PER_DEVICE, starting: devices * processesPerDay } as const;
}

/** Addresses that nobody has: for benchmarks (RFC 2544), for documentation (RFC 3849). */
export const ADDRESS_NUMBERS = 65_536;

function addresses(): string {
  return `
CREATE TABLE addresses AS
SELECT
  n AS address,
  CASE WHEN n % 13 = 0 THEN format('2001:db8:{:x}::{:x}', 4096 + n % 40000, 1 + n % 9973)
    ELSE format('198.{}.{}.{}', 18 + n // 32768, n // 128 % 256, 1 + n % 254) END AS RemoteIP,
  CASE WHEN n % 9 < 4 THEN format('{}-{}.cdn{}.example.com', ['api', 'edge', 'img', 'sync'][1 + n % 4], n, n % 20) END
    AS RemoteUrl
FROM range(${ADDRESS_NUMBERS}) AS numbers(n)
ORDER BY address`;
}
