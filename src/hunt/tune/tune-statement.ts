/** A rule proposed from a baseline, and what it is founded on. What is empty is not asked. */
export interface Proposal {
  readonly process: string;
  /** Of the process's file as recorded, `*` where the user's own name stands, or the version where there are several. */
  readonly path: string;
  /** SHA-256 of the file, where its path is not known. */
  readonly hashes: readonly string[];
  /** Who signed every file of it, where the lake has certificates. */
  readonly signer: string;
  /** Of programs that run what they are told: the command line, as {@link commandPattern} takes it. */
  readonly command: string;
  /** All addresses, where they are few. */
  readonly destinations: readonly string[];
  readonly ports: readonly number[];
  readonly findings: number;
  readonly devices: number;
  /** Days from first to last, over all devices. */
  readonly days: number;
  readonly beacons: number;
}

/** Programs that run what they are told: one is as honest as its command line, so that each is a program of its own. */
const INTERPRETERS = [
  'powershell.exe',
  'powershell_ise.exe',
  'pwsh.exe',
  'cmd.exe',
  'bash.exe',
  'wscript.exe',
  'cscript.exe',
  'mshta.exe',
  'rundll32.exe',
  'regsvr32.exe',
  'msbuild.exe',
  'installutil.exe',
  'regasm.exe',
  'regsvcs.exe',
  'msiexec.exe',
  'svchost.exe',
  'dllhost.exe',
  'python.exe',
  'pythonw.exe',
  'py.exe',
  'java.exe',
  'javaw.exe',
  'node.exe',
  'dotnet.exe',
  'perl.exe',
  'ruby.exe',
  'php.exe',
];

/** More than these are no longer a service's own: a rule does without. */
const FEW_ADDRESSES = 8;
const FEW_HASHES = 4;

/** Stand for digits and for a user's name in a command line, which differ from device to device. */
export const DIGITS = '\u0001';
export const USER = '\u0002';

/**
 * The statement over `hunted` that gives programs on many devices for long: the same file name, at the same path once
 * users' names and versions are left out, and of interpreters the same command line.
 */
export function commonPrograms({
  columns,
  first,
  last,
  certified,
}: {
  readonly columns: ReadonlySet<string>;
  readonly first: string;
  readonly last: string;
  readonly certified: boolean;
}): string {
  const list = (column: string) => (columns.has(column) ? column : '[]');
  return `
WITH found AS (
  SELECT
    rowid AS Finding,
    lower(ProcessName) AS Name,
    ProcessName,
    DeviceName,
    ${columns.has('ProcessCmd') ? 'ProcessCmd' : "''"} AS ProcessCmd,
    ${columns.has('ProcessSHA256') ? 'lower(ProcessSHA256)' : "''"} AS SHA256,
    ${list('RemoteIPs')}::VARCHAR[] AS RemoteIPs,
    ${list('RemotePorts')}::INTEGER[] AS RemotePorts,
    ${columns.has('BeaconLikely') ? 'BeaconLikely' : 'false'} AS BeaconLikely,
    ${first} AS FirstSeen,
    ${last} AS LastSeen
  FROM hunted
  WHERE ProcessName <> ''
),
signed AS (${certified ? SIGNERS : NO_SIGNERS}),
files AS (
  SELECT
    Finding,
    list(DISTINCT lower(InitiatingProcessFolderPath)) AS Paths,
    CASE WHEN bool_and(signed.Signer IS NOT NULL) AND count(DISTINCT signed.Signer) = 1 THEN max(signed.Signer) END AS Signer
  FROM DeviceNetworkEvents AS event
  JOIN found
    ON event.DeviceName = found.DeviceName
    AND event.InitiatingProcessFileName = found.ProcessName
    AND event.InitiatingProcessCommandLine = found.ProcessCmd
  LEFT JOIN signed
    ON lower(event.InitiatingProcessSHA1) = signed.SHA1
  GROUP BY Finding
),
-- Lists of ports hold those that are recorded: a finding is of none that its rule could ask where its device has a
-- connection to one of its addresses without a port.
portless AS (
  SELECT DISTINCT Finding
  FROM (
    SELECT Finding, lower(DeviceName) AS Device, unnest(RemoteIPs) AS RemoteIP
    FROM found
  ) AS places
  JOIN (
    SELECT lower(DeviceName) AS Device, RemoteIP
    FROM DeviceNetworkEvents
    WHERE RemotePort IS NULL
  ) AS connections USING (Device, RemoteIP)
),
programs AS (
  SELECT
    found.*,
    Signer,
    len(RemotePorts) > 0 AND Finding NOT IN (FROM portless) AS Ported,
    -- A process whose file lies in two places, or nowhere that is recorded, has no path.
    CASE WHEN len(Paths) = 1 THEN ${withoutUser('Paths[1]', '*')} ELSE '' END AS Path,
    ${withoutVersion('Path')} AS AnyVersion,
    Name IN (${INTERPRETERS.map((each) => `'${each}'`).join(', ')}) AS RunsWhatItIsTold,
    -- Told what, is not recorded.
    RunsWhatItIsTold AND ProcessCmd = '' AS Blind,
    CASE
      WHEN RunsWhatItIsTold
        THEN ${withoutUser("regexp_replace(ProcessCmd, '[0-9]+', chr(1), 'g')", '\u0002')}
      ELSE ''
    END AS Command
  FROM found
  LEFT JOIN files USING (Finding)
),
on_devices AS (
  SELECT Name, AnyVersion, Command, DeviceName
  FROM programs
  GROUP BY ALL
  HAVING epoch_us(max(LastSeen)) - epoch_us(min(FirstSeen)) >= $min_days * 86400e6
),
common AS (
  SELECT Name, AnyVersion, Command
  FROM on_devices
  GROUP BY ALL
  HAVING count(*) >= $min_devices
),
summed AS (
  SELECT
    min(ProcessName) AS process,
    CASE WHEN bool_or(Blind) THEN '' WHEN count(DISTINCT Path) = 1 THEN min(Path) ELSE AnyVersion END AS path,
    list_sort(list(DISTINCT SHA256)) AS Hashes,
    bool_and(regexp_full_match(SHA256, '[0-9a-f]{64}') AND NOT Blind) AS AllHashed,
    CASE WHEN bool_and(Signer IS NOT NULL) AND count(DISTINCT Signer) = 1 THEN min(Signer) ELSE '' END AS signer,
    Command AS command,
    list_sort(list_distinct(flatten(list(RemoteIPs)))) AS Addresses,
    list_sort(list_distinct(flatten(list(RemotePorts)))) AS ports,
    bool_and(Ported) AS AllPorts,
    count(*) AS findings,
    count(DISTINCT DeviceName) AS devices,
    round((epoch_us(max(LastSeen)) - epoch_us(min(FirstSeen))) / 86400e6, 1) AS days,
    count(*) FILTER (WHERE BeaconLikely) AS beacons
  FROM programs
  SEMI JOIN common USING (Name, AnyVersion, Command)
  GROUP BY Name, AnyVersion, Command
)
SELECT to_json({
  process: process,
  path: path,
  hashes: CASE WHEN path = '' AND AllHashed AND len(Hashes) <= ${FEW_HASHES} THEN Hashes ELSE [] END,
  signer: signer,
  command: command,
  destinations: CASE WHEN len(Addresses) <= ${FEW_ADDRESSES} THEN Addresses ELSE [] END,
  ports: CASE WHEN AllPorts THEN ports ELSE [] END,
  findings: findings,
  devices: devices,
  days: days,
  beacons: beacons
})::VARCHAR AS program
FROM summed
ORDER BY devices DESC, findings DESC, process, path, command`;
}

/** A user's own name in a path below a drive's Users; what is everybody's has a name of its own. */
function withoutUser(text: string, stand: string): string {
  return `CASE
      WHEN regexp_matches(${text}, '(?i)\\\\users\\\\(public|default|all users)(\\\\|$)') THEN ${text}
      ELSE regexp_replace(${text}, '(?i)(\\\\users\\\\)[^\\\\"]+', '\\1${stand}')
    END`;
}

/** Numbers with dots, such as 1.0.3 and app-4.36.126, by which folders of one program follow each other. */
function withoutVersion(path: string): string {
  return `regexp_replace(${path}, '[0-9]+(\\.[0-9]+)+', '*', 'g')`;
}

const SIGNERS = `SELECT lower(SHA1) AS SHA1, min(Signer) AS Signer
  FROM DeviceFileCertificateInfo
  WHERE IsSigned AND IsTrusted AND Signer <> ''
  GROUP BY ALL
  HAVING count(DISTINCT Signer) = 1`;
const NO_SIGNERS = "SELECT ''::VARCHAR AS SHA1, ''::VARCHAR AS Signer WHERE false";
