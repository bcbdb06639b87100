import { DAY } from '../time.ts';
import { dayEnd } from './scale-loads.ts';
import type { ScaleScope } from './scale-options.ts';
import { plantedConnections } from './scale-planted.ts';
import { ADDRESS_NUMBERS, processNumbers } from './scale-world.ts';

/**
 * The SELECT that gives a day's connections, `rows` of them before what is planted, in the order of time: most by
 * processes that are up all day, the others by such as started that day, on standard ports mostly lately. What
 * talks on an unusual port has as a rule been up for long: in an ordinary lake such a connection seldom follows
 * a load.
 */
export function connectionsSelect(scope: ScaleScope, day: number, rows: number): string {
  const { residents, starting } = processNumbers(scope);
  return `
WITH drawn_connections AS (
  SELECT
    n AS number,
    draw(n + ${day * 1e11}, 5) AS drawn,
    (n + fraction(drawn)) / ${rows} AS part
  FROM range(${rows}) AS numbers(n)
),
kinds AS (
  SELECT
    number,
    part,
    drawn,
    draw(drawn, 6) AS again,
    fraction(again) < ${scope.unusualPortShare} AS unusual,
    fraction(draw(drawn, 7)) AS recent
  FROM drawn_connections
),
ordinary AS (
  SELECT
    CASE
      WHEN again % 10 < CASE WHEN unusual THEN 7 ELSE 6 END THEN (drawn >> 10) % ${residents}
      ELSE ${residents} + floor(
        part * ${starting} - part * ${starting} * CASE WHEN unusual THEN recent ELSE recent * recent * recent END
      )
    END::BIGINT AS process,
    ${scope.start + day * DAY} + clock(part) AS instant,
    drawn,
    number,
    unusual,
    CASE
      WHEN unusual THEN ${UNUSUAL}[1 + (again >> 12) % ${UNUSUAL_COUNT}]
      ELSE ${STANDARD}[1 + (again >> 12) % ${STANDARD_COUNT}]
    END AS RemotePort,
    CASE ${RemoteIPType} END AS RemoteIPType,
    CASE ${ActionType} END AS ActionType,
    -- Log-uniform, from hundreds of bytes to hundreds of kilobytes; one in seven is not counted.
    CASE WHEN again % 7 > 0 THEN (1 << (7 + drawn % 11)) + (drawn >> 16) % (1 << (7 + drawn % 11)) END AS SentBytes,
    CASE WHEN again % 7 > 0 THEN (1 << (8 + again % 13)) + (again >> 16) % (1 << (8 + again % 13)) END AS ReceivedBytes
  FROM kinds
),
connections AS (
  SELECT
    process, instant, drawn, number, RemotePort, RemoteIPType, ActionType, SentBytes, ReceivedBytes,
    NULL AS RemoteIP,
    floor(fraction(draw(drawn, 8)) * fraction(drawn) * ${ADDRESS_NUMBERS})::BIGINT AS address
  FROM ordinary
  UNION ALL
  SELECT process, instant, drawn, number, RemotePort, 'Public', 'ConnectionSuccess', SentBytes, ReceivedBytes, RemoteIP, 0
  FROM (
  ${plantedConnections(scope, day)}
  ) AS planted(process, instant, drawn, number, RemoteIP, RemotePort, SentBytes, ReceivedBytes)
)
SELECT
  -- A process may start up to a slot after the part of the day that drew it.
  make_timestamp(least(greatest(instant, started + 50000), ${dayEnd(scope, day)})) AS Timestamp,
  ActionType,
  number * 2 + 2 AS ReportId,
  coalesce(connections.RemoteIP, CASE RemoteIPType
    WHEN 'Public' THEN addresses.RemoteIP
    WHEN 'Private' THEN format('10.20.{}.{}', address % 4, 1 + address % 250)
    ELSE '127.0.0.1'
  END) AS RemoteIP,
  CASE WHEN connections.RemoteIP IS NULL AND RemoteIPType = 'Public' THEN RemoteUrl END AS RemoteUrl,
  RemotePort,
  RemoteIPType,
  'Private' AS LocalIPType,
  CASE WHEN RemotePort = 53 THEN 'Udp' ELSE 'Tcp' END AS Protocol,
  49152 + drawn % 16384 AS LocalPort,
  CASE WHEN drawn % 40 = 0 THEN format('{{"direction":"Out","bytes":{}}}', number) END AS AdditionalFields,
  SentBytes,
  ReceivedBytes,
  processes.*
FROM connections
JOIN processes USING (process)
JOIN addresses USING (address)`;
}

/** Ports on the detection's list, in hundredths, and ports that are not on it. */
const STANDARD_COUNT = 100;
const STANDARD = `[${[
  ...Array(76).fill(443),
  ...Array(10).fill(80),
  ...Array(8).fill(53),
  ...[8080, 8080, 993, 587, 22, 3389],
].join(',')}]`;
const UNUSUAL_PORTS = [
  5228, 8883, 7680, 3478, 5938, 1194, 51820, 445, 389, 88, 9100, 27017, 6568, 4500, 8444, 49158,
];
const UNUSUAL_COUNT = UNUSUAL_PORTS.length;
const UNUSUAL = `[${UNUSUAL_PORTS.join(',')}]`;

const RemoteIPType = `
      WHEN (drawn >> 4) % 100 < CASE WHEN unusual THEN 60 ELSE 74 END THEN 'Public'
      WHEN (drawn >> 4) % 100 < 97 THEN 'Private'
      WHEN (drawn >> 4) % 100 < 99 THEN 'Loopback'
   `;

const ActionType = `
      WHEN (again >> 4) % 100 < 82 THEN 'ConnectionSuccess'
      WHEN (again >> 4) % 100 < 88 THEN 'ConnectionFailed'
      WHEN (again >> 4) % 100 < 92 THEN 'ConnectionAttempt'
      WHEN (again >> 4) % 100 < 95 THEN 'InboundConnectionAccepted'
      WHEN (again >> 4) % 100 < 98 THEN 'HttpConnectionInspected'
      ELSE 'ConnectionSuccessAggregatedReport'
   `;
