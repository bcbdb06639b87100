/*
id: t1573.001/symmetric-cryptography-c2
title: Symmetric cryptography C2
description: >-
  A process loads a Windows crypto library, then connects to a public address on an unusual port within
  the window: what implants do that encrypt their traffic with AES, RC4 or DES. One row per process as the
  reference groups them, with beacon statistics.
technique: { id: T1573.001, name: "Encrypted Channel: Symmetric Cryptography" }
tactic: { id: TA0011, name: Command and Control }
severity: high
confidence: medium
tables:
  DeviceImageLoadEvents:
    [Timestamp, DeviceId, DeviceName, FileName, ReportId, InitiatingProcessId, InitiatingProcessFileName,
     InitiatingProcessCommandLine, InitiatingProcessAccountName, InitiatingProcessSHA256,
     InitiatingProcessCreationTime, InitiatingProcessUniqueId, InitiatingProcessParentFileName]
  DeviceNetworkEvents:
    [Timestamp, DeviceId, DeviceName, ActionType, RemoteIP, RemotePort, RemoteIPType, RemoteUrl, ReportId,
     InitiatingProcessId, InitiatingProcessFileName, InitiatingProcessAccountName, InitiatingProcessCreationTime,
     InitiatingProcessUniqueId, SentBytes, ReceivedBytes]
parameters:
  crypto_libraries:
    type: list of string
    description: File names of the libraries whose load starts the window, in any casing
    default: [rsaenh.dll, bcrypt.dll, bcryptprimitives.dll, cryptsp.dll, ncrypt.dll]
  excluded_processes:
    type: list of string
    description: System processes that load these libraries all day, in any casing
    default: [lsass.exe, svchost.exe, services.exe, spoolsv.exe, csrss.exe, winlogon.exe, smss.exe, wininit.exe,
              MsMpEng.exe, NisSrv.exe, SecurityHealthService.exe, SearchIndexer.exe, fontdrvhost.exe, dwm.exe,
              sihost.exe, taskhostw.exe, RuntimeBroker.exe]
  excluded_browsers:
    type: list of string
    description: Browsers, which encrypt everything they say, in any casing
    default: [chrome.exe, firefox.exe, msedge.exe, iexplore.exe, opera.exe, brave.exe, vivaldi.exe]
  standard_ports:
    type: list of int
    description: Remote ports that are not unusual
    default: [80, 443, 8080, 8443, 53, 22, 21, 20, 25, 587, 465, 993, 995, 110, 143, 3389]
  action_type:
    type: string
    description: ActionType of the connections that count, exactly as written
    default: ConnectionSuccess
  address_type:
    type: string
    description: RemoteIPType of the connections that count, exactly as written
    default: Public
  window:
    type: timespan
    description: How long after a load a connection still belongs to it; both ends count
    default: 15m
  tolerance:
    type: timespan
    description: How long before its load a connection may be stamped, where the two sensors' clocks disagree
    default: 0s
  identity:
    type: string
    values: [pid, process]
    description: >-
      Whose connections belong to a load: those of the same PID, as the reference has it, or of the same process,
      whatever became of its PID
    default: pid
  identity_gap:
    type: timespan
    description: >-
      Where no creation time is recorded, a PID that is silent for longer than this is taken to be another process
    default: 1d
  since:
    type: datetime
    description: Only events at or after this instant
    default: null
  until:
    type: datetime
    description: Only events before this instant
    default: null
  lookback:
    type: timespan
    description: Only events later than now less this
    default: null
  now:
    type: datetime
    description: The instant that lookback counts from; the start of the run unless set
    default: null
  beacon_min_interval:
    type: real
    description: Least average interval of a beacon, in seconds
    default: 30
  beacon_max_interval:
    type: real
    description: Greatest average interval of a beacon, in seconds
    default: 3600
  beacon_min_connections:
    type: long
    description: Least ConnectionCount of a beacon
    default: 5
recorded:
  sent_bytes_recorded: DeviceNetworkEvents.SentBytes
  received_bytes_recorded: DeviceNetworkEvents.ReceivedBytes
macros: [wrap_long]
extractions:
  crypto_loads: { crypto_libraries: selects, excluded_processes: excludes, excluded_browsers: excludes }
  suspicious_connections: { standard_ports: excludes, action_type: equals, address_type: equals }
evidence_only:
  DeviceImageLoadEvents:
    [DeviceId, ReportId, InitiatingProcessCreationTime, InitiatingProcessUniqueId, InitiatingProcessParentFileName]
  DeviceNetworkEvents:
    [DeviceId, ReportId, RemoteUrl, InitiatingProcessFileName, InitiatingProcessAccountName,
     InitiatingProcessCreationTime, InitiatingProcessUniqueId]
null_strings:
  DeviceImageLoadEvents:
    [DeviceName, FileName, InitiatingProcessFileName, InitiatingProcessCommandLine, InitiatingProcessAccountName,
     InitiatingProcessSHA256]
  DeviceNetworkEvents: [DeviceName, RemoteIP]
finding:
  identity: [DeviceName, ProcessName, ProcessCmd, AccountName, ProcessSHA256]
  first: FirstConnection
  last: LastConnection
  reach: window
  pairs: { tables: [DeviceImageLoadEvents, DeviceNetworkEvents], alike: [DeviceName, InitiatingProcessId] }
flagship: true
false_positives:
  - Security and backup agents, updaters and synchronisation clients that talk to their servers on ports of their own
  - VPN and proxy clients
  - Development tools and language runtimes on unusual ports
blind_spots:
  - C2 on a standard port, 443 above all
  - Implants that carry their own cipher and load no Windows crypto library, or loaded it long before connecting
  - Connections that the sensor did not record, or recorded only in ConnectionSuccessAggregatedReport
  - A parent that loads the library and a child that connects; injection into an excluded process
references:
  - https://attack.mitre.org/techniques/T1573/001/
  - https://learn.microsoft.com/defender-xdr/advanced-hunting-deviceimageloadevents-table
  - https://learn.microsoft.com/defender-xdr/advanced-hunting-devicenetworkevents-table
  - >-
    TrickBot, whose channel is encrypted through Microsoft's CryptoAPI, later through bcrypt, and goes to ports such as
    447 and 8082. MITRE ATT&CK, Software. https://attack.mitre.org/software/S0266/
  - >-
    QuasarRAT, whose channel is encrypted with AES under a key that it carries, by default to port 4782. MITRE ATT&CK,
    Software. https://attack.mitre.org/software/S0262/
created: 2026-11-24
updated: 2026-11-24
*/

WITH
-- Steps 1 and 2 leave strings as the files have them, null or not, and compute nothing. Of each 2,048 rows that are
-- scanned a few dozen are kept, and whatever is done to so few at a time takes several times as long as it does later.

-- Step 1: processes that load a crypto library, but for those known to do so all day.
-- A name that is not recorded is '', which no exclusion holds: such a load stays in. Of a column that repeats few strings
-- greatest() looks at each once; with coalesce() the scan takes half as long again.
crypto_loads AS (
  SELECT
    DeviceName,
    InitiatingProcessId AS ProcessId,
    Timestamp AS LoadTime,
    InitiatingProcessFileName AS ProcessName,
    InitiatingProcessCommandLine AS ProcessCmd,
    InitiatingProcessAccountName AS AccountName,
    InitiatingProcessSHA256 AS ProcessSHA256,
    FileName AS CryptoLib,
    DeviceId,
    ReportId AS LoadReportId,
    InitiatingProcessCreationTime AS CreationTime,
    InitiatingProcessUniqueId AS UniqueId,
    InitiatingProcessParentFileName AS ParentProcess
  FROM DeviceImageLoadEvents
  WHERE lower(greatest(FileName, '')) IN list_transform($crypto_libraries, lambda name: lower(name))
    AND lower(greatest(InitiatingProcessFileName, '')) NOT IN list_transform(
      list_concat($excluded_processes, $excluded_browsers), lambda name: lower(name)
    )
    AND ($since IS NULL OR Timestamp >= $since)
    AND ($until IS NULL OR Timestamp < $until)
    AND ($lookback IS NULL OR Timestamp > $now::TIMESTAMP - $lookback::INTERVAL)
),

-- Step 2: successful connections to public addresses on ports that are not standard.
-- A port that is not recorded is on no list: such a connection stays in.
suspicious_connections AS (
  SELECT
    DeviceName,
    InitiatingProcessId AS ProcessId,
    Timestamp AS ConnTime,
    RemoteIP,
    RemotePort,
    SentBytes,
    ReceivedBytes,
    RemoteUrl,
    ReportId AS ConnReportId,
    DeviceId,
    InitiatingProcessFileName AS ProcessName,
    InitiatingProcessAccountName AS AccountName,
    InitiatingProcessCreationTime AS CreationTime,
    InitiatingProcessUniqueId AS UniqueId
  FROM DeviceNetworkEvents
  WHERE ActionType = $action_type
    AND RemoteIPType = $address_type
    AND (RemotePort IN $standard_ports) IS NOT TRUE
    AND ($since IS NULL OR Timestamp >= $since)
    AND ($until IS NULL OR Timestamp < $until)
    AND ($lookback IS NULL OR Timestamp > $now::TIMESTAMP - $lookback::INTERVAL)
),

-- Step 3: loads and connections meet only where they can match: a connection within one window of a load
-- lies in the load's bucket of time or in the next. A connection's place among the loads is $tolerance later than its
-- stamp, so that a load stamped so much later still comes before it.
connections AS NOT MATERIALIZED (
  SELECT
    * REPLACE (greatest(DeviceName, '') AS DeviceName, greatest(RemoteIP, '') AS RemoteIP),
    epoch_us(ConnTime + $tolerance) // epoch_us($window + $tolerance) AS ConnBucket
  FROM suspicious_connections
),

-- Connections are fewer and narrower, so they are kept and the loads stream past them: of the loads, only those that can
-- match are ever held. They meet by hash, which is half the work; where two hashes agree by chance, the load stays
-- without a connection in its window, and does not count.
nearby_loads AS (
  SELECT
    * REPLACE (
      greatest(DeviceName, '') AS DeviceName,
      greatest(ProcessName, '') AS ProcessName,
      greatest(ProcessCmd, '') AS ProcessCmd,
      greatest(AccountName, '') AS AccountName,
      greatest(ProcessSHA256, '') AS ProcessSHA256,
      greatest(CryptoLib, '') AS CryptoLib
    ),
    epoch_us(LoadTime) // epoch_us($window + $tolerance) AS LoadBucket
  FROM crypto_loads
  SEMI JOIN (
    SELECT hash(DeviceName, ProcessId, unnest([ConnBucket, ConnBucket - 1])) AS Place
    FROM connections
  ) AS reach
    ON hash(
      greatest(crypto_loads.DeviceName, ''),
      crypto_loads.ProcessId,
      epoch_us(crypto_loads.LoadTime) // epoch_us($window + $tolerance)
    ) = reach.Place
),

-- Step 4: one timeline per process image and PID: its loads, and every connection once, however many loads
-- precede it. A PID that was reused gives one timeline per image that held it. Timelines are sorted, so they carry
-- the image's number; its names come back when all is counted.
images AS MATERIALIZED (
  SELECT
    *,
    row_number() OVER () AS Image
  FROM (
    SELECT DISTINCT DeviceName, ProcessId, ProcessName, ProcessCmd, AccountName, ProcessSHA256
    FROM nearby_loads
  ) AS held
),
image_loads AS MATERIALIZED (
  SELECT Image, LoadTime, LoadBucket, CryptoLib
  FROM nearby_loads
  JOIN images
    ON nearby_loads.DeviceName = images.DeviceName
    AND nearby_loads.ProcessId IS NOT DISTINCT FROM images.ProcessId
    AND nearby_loads.ProcessName = images.ProcessName
    AND nearby_loads.ProcessCmd = images.ProcessCmd
    AND nearby_loads.AccountName = images.AccountName
    AND nearby_loads.ProcessSHA256 = images.ProcessSHA256
),
image_buckets AS (
  SELECT DISTINCT
    Image,
    DeviceName,
    ProcessId,
    unnest([LoadBucket, LoadBucket + 1]) AS Bucket
  FROM image_loads
  JOIN images USING (Image)
),
timeline AS (
  -- A load opens a window,
  SELECT
    Image,
    LoadTime AS Time,
    1 AS Turn,
    1.0::DOUBLE AS Opens,
    CryptoLib,
    NULL AS ConnTime,
    NULL AS RemoteIP,
    NULL AS RemotePort,
    NULL AS SentBytes,
    NULL AS ReceivedBytes
  FROM image_loads
  UNION ALL
  -- connections fall into the windows that are open then,
  SELECT
    Image,
    ConnTime + $tolerance,
    2,
    0,
    NULL,
    ConnTime,
    RemoteIP,
    RemotePort,
    SentBytes,
    ReceivedBytes
  FROM connections
  JOIN image_buckets
    ON connections.DeviceName = image_buckets.DeviceName
    AND connections.ProcessId IS NOT DISTINCT FROM image_buckets.ProcessId
    AND connections.ConnBucket = image_buckets.Bucket
  UNION ALL
  -- and the window closes behind the last connection that it still holds.
  SELECT
    Image,
    LoadTime + $window + $tolerance,
    3,
    -1,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL
  FROM image_loads
),

-- Step 5: pairs are counted, never built: 40,000 loads and 40,000 connections of one process in one window are
-- 1,600,000,000 pairs, and 120,000 rows here. Windows are counted as DOUBLE, which is exact here and takes two thirds
-- of the time of HUGEINT.
counted AS (
  SELECT
    *,
    sum(Opens) OVER so_far AS OpenWindows,
    lead(ConnTime IGNORE NULLS) OVER in_turn AS NextConnection
  FROM timeline
  WINDOW
    in_turn AS (
      PARTITION BY Image
      ORDER BY Time, Turn
    ),
    so_far AS (
      PARTITION BY Image
      ORDER BY Time, Turn
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
),
matched AS (
  SELECT
    DeviceName,
    ProcessName,
    ProcessCmd,
    AccountName,
    ProcessSHA256,
    CryptoLib,
    ConnTime,
    RemoteIP,
    RemotePort,
    SentBytes,
    ReceivedBytes,
    Turn = 1 AS IsLoad,
    CAST(OpenWindows AS BIGINT) AS Pairs
  FROM counted
  JOIN images USING (Image)
  WHERE (Turn = 1 AND NextConnection <= Time + $window)
    OR (Turn = 2 AND OpenWindows > 0)
),

-- Step 6: one row per process as the reference groups them, without the PID. Lists made distinct when they are whole take
-- half the time of aggregates that are distinct and in order.
processes AS (
  SELECT
    DeviceName,
    ProcessName,
    ProcessCmd,
    AccountName,
    ProcessSHA256,
    list_sort(list_distinct(array_agg(CryptoLib) FILTER (WHERE IsLoad))) AS CryptoLibsLoaded,
    list_sort(list_distinct(array_agg(RemoteIP) FILTER (WHERE NOT IsLoad))) AS RemoteIPs,
    coalesce(
      list_sort(list_distinct(array_agg(RemotePort) FILTER (WHERE NOT IsLoad AND RemotePort IS NOT NULL))), []
    ) AS RemotePorts,
    CAST(sum(Pairs) FILTER (WHERE NOT IsLoad) AS BIGINT) AS ConnectionCount,
    wrap_long(coalesce(sum(Pairs * CAST(SentBytes AS HUGEINT)) FILTER (WHERE NOT IsLoad), 0)) AS SentTotal,
    wrap_long(coalesce(sum(Pairs * CAST(ReceivedBytes AS HUGEINT)) FILTER (WHERE NOT IsLoad), 0)) AS ReceivedTotal,
    min(ConnTime) AS FirstConnection,
    max(ConnTime) AS LastConnection
  FROM matched
  GROUP BY DeviceName, ProcessName, ProcessCmd, AccountName, ProcessSHA256
),
totals AS (
  -- What the lake does not record is null; what it records as null sums to 0.
  SELECT
    *,
    CASE WHEN $sent_bytes_recorded THEN SentTotal END AS TotalBytesSent,
    CASE WHEN $received_bytes_recorded THEN ReceivedTotal END AS TotalBytesReceived,
    date_diff('minute', FirstConnection, LastConnection) AS DurationMinutes
  FROM processes
),
intervals AS (
  SELECT
    *,
    round(
      wrap_long(CAST(TotalBytesSent AS HUGEINT) + TotalBytesReceived)::DOUBLE / 1048576, 2
    ) AS DataTransferMB,
    CASE
      WHEN ConnectionCount > 1 THEN (DurationMinutes * 60)::DOUBLE / (ConnectionCount - 1)::DOUBLE
      ELSE 0.0::DOUBLE
    END AS AvgIntervalSeconds
  FROM totals
),
findings AS (
  SELECT
    *,
    AvgIntervalSeconds BETWEEN $beacon_min_interval AND $beacon_max_interval
      AND ConnectionCount >= $beacon_min_connections AS BeaconLikely
  FROM intervals
)

-- answer
SELECT
  DeviceName,
  ProcessName,
  ProcessCmd,
  AccountName,
  ProcessSHA256,
  CryptoLibsLoaded,
  RemoteIPs,
  RemotePorts,
  ConnectionCount,
  TotalBytesSent,
  TotalBytesReceived,
  FirstConnection,
  LastConnection,
  DataTransferMB,
  DurationMinutes,
  AvgIntervalSeconds,
  BeaconLikely
FROM findings
ORDER BY
  ConnectionCount DESC,
  DeviceName,
  ProcessName,
  ProcessCmd,
  AccountName,
  ProcessSHA256
