import { DAY } from '../time.ts';
import { IMAGE_NUMBERS } from './scale-files.ts';
import type { ScaleScope } from './scale-options.ts';
import { plantedProcesses } from './scale-planted.ts';
import { processNumbers } from './scale-world.ts';

/**
 * The statement that makes `processes`, everything that the events of one day say about who initiated them, by
 * `process`: what is planted under negative numbers, residents from 0, then those that start on that day.
 */
export function processesStatement(scope: ScaleScope, day: number): string {
  const { residents, starting } = processNumbers(scope);
  const dayStart = scope.start + day * DAY;
  return `
CREATE OR REPLACE TEMP TABLE processes AS
WITH numbered AS (
  SELECT
    n AS process,
    n < ${residents} AS resident,
    CASE WHEN n < ${residents} THEN n ELSE n - ${residents} END % ${scope.devices} AS device,
    -- Residents are the same every day.
    draw(CASE WHEN n < ${residents} THEN n ELSE n + ${(day + 1) * 1e9} END, 1) AS drawn
  FROM range(${residents + starting}) AS numbers(n)
),
started AS (
  SELECT
    *,
    draw(drawn, 2) AS again,
    drawn % 1000 AS slot,
    CASE
      WHEN resident THEN ${scope.start} - 3600000000 - drawn % 86400000000
      ELSE ${dayStart} + clock((process - ${residents} + fraction(drawn)) / ${starting})
    END AS started
  FROM numbered
),
drawn_processes AS (
  SELECT
    process,
    device,
    -- The ids of residents are nobody else's; one start in 5,000 has none, as sensors lose some.
    CASE
      WHEN resident THEN 4 * (${scope.pidSpace} + 2 + process // ${scope.devices})
      WHEN again % 5000 > 0 THEN 4 * (1 + (again >> 16) % ${scope.pidSpace})
    END AS id,
    started,
    -- A slot beyond the images that start often stands for the long tail.
    CASE
      WHEN slot < ${IMAGE_NUMBERS.known} THEN slot
      ELSE ${IMAGE_NUMBERS.known} + (again >> 24) % ${IMAGE_NUMBERS.tail}
    END::BIGINT AS image,
    again
  FROM started
  UNION ALL
  ${plantedProcesses(scope, day)}
)
SELECT
  process,
  DeviceId,
  DeviceName,
  LocalIP,
  id AS InitiatingProcessId,
  started,
  make_timestamp(started) AS InitiatingProcessCreationTime,
  FileName AS InitiatingProcessFileName,
  path || FileName AS InitiatingProcessFolderPath,
  commandLine AS InitiatingProcessCommandLine,
  ${SIMPLE_COLUMNS.map(([name, expression]) => `${expression} AS InitiatingProcess${name}`).join(',\n  ')},
  again % 50 = 0 AND NOT service AS IsInitiatingProcessRemoteSession
FROM (
  SELECT
    *,
    replace(folder, '{user}', owner) AS path,
    CASE
      WHEN service THEN format('{}{} -k netsvcs -p -s Service{}', folder, FileName, again % 60)
      WHEN again % 10 < 3 THEN format('"{}{}"', path, FileName)
      ELSE format(
        '"{}{}" --type=utility --user-data-dir="C:\\Users\\{}\\AppData\\Local\\Temp\\{:016x}" --channel={} /prefetch:{}',
        path, FileName, owner, again, again % 10000, again % 16
      )
    END AS commandLine
  FROM drawn_processes
  JOIN images USING (image)
  JOIN devices USING (device)
)
ORDER BY process`;
}

/** Columns that follow from the image, the owner of the device and the draw. */
const SIMPLE_COLUMNS: readonly (readonly [string, string])[] = [
  ['AccountDomain', "CASE WHEN service THEN 'nt authority' ELSE 'contoso' END"],
  ['AccountName', "CASE WHEN service THEN 'system' ELSE owner END"],
  ['AccountSid', "CASE WHEN service THEN 'S-1-5-18' ELSE ownerSid END"],
  ['AccountUpn', "CASE WHEN NOT service THEN owner || '@contoso.example' END"],
  ['AccountObjectId', 'CASE WHEN NOT service THEN ownerObjectId END'],
  ['IntegrityLevel', "CASE WHEN service THEN 'System' ELSE 'Medium' END"],
  [
    'TokenElevation',
    "CASE WHEN service THEN 'TokenElevationTypeDefault' ELSE 'TokenElevationTypeLimited' END",
  ],
  ['SHA1', 'sha1'],
  ['SHA256', 'sha256'],
  ['MD5', 'md5'],
  ['FileSize', 'size'],
  ['VersionInfoCompanyName', 'company'],
  ['VersionInfoProductName', 'product'],
  ['VersionInfoProductVersion', 'version'],
  ['VersionInfoInternalFileName', "replace(FileName, '.exe', '')"],
  ['VersionInfoOriginalFileName', 'FileName'],
  ['VersionInfoFileDescription', 'description'],
  ['ParentFileName', "CASE WHEN service THEN 'services.exe' ELSE 'explorer.exe' END"],
  ['ParentId', 'CASE WHEN service THEN 724 ELSE 4 * (800 + device % 1000) END'],
  ['ParentCreationTime', 'make_timestamp(started - again % 30000000000)'],
  ['SessionId', 'CASE WHEN service THEN 0 ELSE 1 END::BIGINT'],
  [
    'RemoteSessionDeviceName',
    "CASE WHEN again % 50 = 0 AND NOT service THEN format('lt-{}', device % 500) END",
  ],
  [
    'RemoteSessionIP',
    "CASE WHEN again % 50 = 0 AND NOT service THEN format('10.99.0.{}', 1 + device % 250) END",
  ],
];
