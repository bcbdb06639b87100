/*
goes on from: connections

The findings with the process behind each made certain, and columns to the right of the reference's.

$identity says what a finding is. 'process': a load and a connection belong together when one process made both, and
each process is a finding. 'pid': the reference's own pairs and grouping, and FalseAttributions counts the pairs
whose connection another process made.

A process is, on its device, its InitiatingProcessUniqueId; without that its PID and creation time; without that
a spell of its PID, which ends where the image, the account or a known creation time changes, or where the PID is
silent for longer than $identity_gap. The column Identity says which of these it was. A creation time of 1601 is what
sensors write that have none.
*/
,
-- Step 3: on which device. DeviceId tells devices apart that share a name, and holds through a name in other casing;
-- the name stands in where a table does not record it.
devices AS (
  SELECT
    EXISTS (FROM DeviceImageLoadEvents WHERE DeviceId <> '')
      AND EXISTS (FROM DeviceNetworkEvents WHERE DeviceId <> '') AS HaveIds
),

-- Step 4: loads and connections near each other in time, as in the findings by PID. PID 0 and a PID that is not
-- recorded stand for no process, and join only as the reference has it.
hosted_connections AS (
  SELECT
    * REPLACE (nullif(CreationTime, TIMESTAMP '1601-01-01') AS CreationTime),
    CASE WHEN HaveIds AND DeviceId <> '' THEN DeviceId ELSE DeviceName END AS Device,
    CASE $identity WHEN 'process' THEN Device ELSE DeviceName END AS Host
  FROM connections, devices
  WHERE $identity = 'pid'
    OR ProcessId <> 0
),
loads AS (
  SELECT
    * REPLACE (
      greatest(DeviceName, '') AS DeviceName,
      greatest(ProcessName, '') AS ProcessName,
      greatest(AccountName, '') AS AccountName,
      greatest(CryptoLib, '') AS CryptoLib
    ),
    epoch_us(LoadTime) // epoch_us($window + $tolerance) AS LoadBucket
  FROM crypto_loads
),
hosted_loads AS (
  SELECT
    * REPLACE (nullif(CreationTime, TIMESTAMP '1601-01-01') AS CreationTime),
    CASE WHEN HaveIds AND DeviceId <> '' THEN DeviceId ELSE DeviceName END AS Device,
    CASE $identity WHEN 'process' THEN Device ELSE DeviceName END AS Host
  FROM loads, devices
),
near_loads AS (
  SELECT * REPLACE (greatest(ProcessCmd, '') AS ProcessCmd, greatest(ProcessSHA256, '') AS ProcessSHA256)
  FROM hosted_loads
  SEMI JOIN (
    SELECT Host, ProcessId, unnest([ConnBucket, ConnBucket - 1]) AS Bucket
    FROM hosted_connections
  ) AS reach
    ON hosted_loads.Host = reach.Host
    AND hosted_loads.ProcessId IS NOT DISTINCT FROM reach.ProcessId
    AND hosted_loads.LoadBucket = reach.Bucket
),

-- Step 5: what else those PIDs did whose events do not say which process they are of. Where all say it, nothing
-- is read here.
unidentified AS (
  SELECT Device, ProcessId
  FROM near_loads
  WHERE UniqueId = ''
    AND CreationTime IS NULL
    AND ProcessId <> 0
  UNION
  SELECT Device, ProcessId
  FROM hosted_connections
  WHERE UniqueId = ''
    AND CreationTime IS NULL
    AND ProcessId <> 0
),
seen AS (
  SELECT DISTINCT
    Device,
    ProcessId,
    Time,
    lower(ProcessName) AS ProcessName,
    lower(AccountName) AS AccountName,
    CreationTime,
    UniqueId
  FROM (
    SELECT
      CASE WHEN HaveIds AND DeviceId <> '' THEN DeviceId ELSE greatest(DeviceName, '') END AS Device,
      InitiatingProcessId AS ProcessId,
      Timestamp AS Time,
      greatest(InitiatingProcessFileName, '') AS ProcessName,
      greatest(InitiatingProcessAccountName, '') AS AccountName,
      nullif(InitiatingProcessCreationTime, TIMESTAMP '1601-01-01') AS CreationTime,
      InitiatingProcessUniqueId AS UniqueId
    FROM DeviceImageLoadEvents, devices
    UNION ALL
    SELECT
      CASE WHEN HaveIds AND DeviceId <> '' THEN DeviceId ELSE greatest(DeviceName, '') END,
      InitiatingProcessId,
      Timestamp,
      InitiatingProcessFileName,
      InitiatingProcessAccountName,
      nullif(InitiatingProcessCreationTime, TIMESTAMP '1601-01-01'),
      InitiatingProcessUniqueId
    FROM DeviceNetworkEvents, devices
  ) AS events
  SEMI JOIN unidentified USING (Device, ProcessId)
  WHERE Time IS NOT NULL
    AND ($since IS NULL OR Time >= $since)
    AND ($until IS NULL OR Time < $until)
    AND ($lookback IS NULL OR Time > $now::TIMESTAMP - $lookback::INTERVAL)
),

-- Step 6: each such PID's events in order, and where one process ends and the next begins. What an event does not
-- record changes nothing: it is compared with what was last known.
in_order AS (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY Device, ProcessId
      ORDER BY Time, ProcessName, AccountName, CreationTime, UniqueId
    ) AS Position
  FROM seen
),
turns AS (
  SELECT
    *,
    CASE
      WHEN ProcessName <> '' AND ProcessName <> arg_max(ProcessName, Position) FILTER (WHERE ProcessName <> '') OVER before
        THEN 1
      WHEN AccountName <> '' AND AccountName <> arg_max(AccountName, Position) FILTER (WHERE AccountName <> '') OVER before
        THEN 1
      WHEN UniqueId <> '' AND UniqueId <> arg_max(UniqueId, Position) FILTER (WHERE UniqueId <> '') OVER before
        THEN 1
      WHEN CreationTime <> arg_max(CreationTime, Position) FILTER (WHERE CreationTime IS NOT NULL) OVER before
        THEN 1
      -- It began after the event before it.
      WHEN CreationTime > lag(Time) OVER each_event + $tolerance
        THEN 1
      WHEN CreationTime IS NULL AND UniqueId = '' AND Time - lag(Time) OVER each_event > $identity_gap
        THEN 1
      ELSE 0
    END AS Begins
  FROM in_order
  WINDOW
    each_event AS (PARTITION BY Device, ProcessId ORDER BY Position),
    before AS (
      PARTITION BY Device, ProcessId
      ORDER BY Position
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),
spells AS (
  SELECT
    *,
    sum(Begins) OVER (PARTITION BY Device, ProcessId ORDER BY Position) AS Spell
  FROM turns
),
inferred AS (
  SELECT
    Device,
    ProcessId,
    Time,
    ProcessName,
    AccountName,
    min(Time) OVER spell AS SpellStart,
    max(CreationTime) OVER spell AS SpellCreationTime,
    max(UniqueId) OVER spell AS SpellUniqueId
  FROM spells
  WINDOW spell AS (PARTITION BY Device, ProcessId, Spell)
  QUALIFY CreationTime IS NULL
    AND UniqueId = ''
),

-- Step 7: one name for each process. An event that has only the creation time takes the unique id that another
-- event of that process has.
unique_ids AS (
  SELECT Device, ProcessId, CreationTime, max(UniqueId) AS KnownUniqueId
  FROM (
    SELECT Device, ProcessId, CreationTime, UniqueId FROM near_loads
    UNION ALL
    SELECT Device, ProcessId, CreationTime, UniqueId FROM hosted_connections
    UNION ALL
    SELECT Device, ProcessId, CreationTime, UniqueId FROM seen
  )
  WHERE UniqueId <> ''
    AND CreationTime IS NOT NULL
  GROUP BY Device, ProcessId, CreationTime
),
identified_loads AS (
  SELECT
    near_loads.* REPLACE (coalesce(near_loads.CreationTime, SpellCreationTime) AS CreationTime),
    CASE WHEN near_loads.ProcessId <> 0 THEN [
      near_loads.Device,
      CAST(near_loads.ProcessId AS VARCHAR),
      coalesce(
        nullif(UniqueId, ''),
        nullif(SpellUniqueId, ''),
        KnownUniqueId,
        CAST(coalesce(near_loads.CreationTime, SpellCreationTime) AS VARCHAR),
        'since ' || SpellStart
      )
    ] END AS Process,
    SpellStart IS NOT NULL AS Inferred,
    CASE $identity WHEN 'process' THEN Process END AS Holder
  FROM near_loads
  LEFT JOIN inferred
    ON near_loads.UniqueId = ''
    AND near_loads.CreationTime IS NULL
    AND near_loads.Device = inferred.Device
    AND near_loads.ProcessId = inferred.ProcessId
    AND near_loads.LoadTime = inferred.Time
    AND lower(near_loads.ProcessName) = inferred.ProcessName
    AND lower(near_loads.AccountName) = inferred.AccountName
  LEFT JOIN unique_ids
    ON near_loads.Device = unique_ids.Device
    AND near_loads.ProcessId = unique_ids.ProcessId
    AND coalesce(near_loads.CreationTime, SpellCreationTime) = unique_ids.CreationTime
),
identified_connections AS (
  SELECT
    hosted_connections.* REPLACE (coalesce(hosted_connections.CreationTime, SpellCreationTime) AS CreationTime),
    CASE WHEN hosted_connections.ProcessId <> 0 THEN [
      hosted_connections.Device,
      CAST(hosted_connections.ProcessId AS VARCHAR),
      coalesce(
        nullif(UniqueId, ''),
        nullif(SpellUniqueId, ''),
        KnownUniqueId,
        CAST(coalesce(hosted_connections.CreationTime, SpellCreationTime) AS VARCHAR),
        'since ' || SpellStart
      )
    ] END AS Process,
    SpellStart IS NOT NULL AS Inferred,
    CASE $identity WHEN 'process' THEN Process END AS Holder
  FROM hosted_connections
  LEFT JOIN inferred
    ON hosted_connections.UniqueId = ''
    AND hosted_connections.CreationTime IS NULL
    AND hosted_connections.Device = inferred.Device
    AND hosted_connections.ProcessId = inferred.ProcessId
    AND hosted_connections.ConnTime = inferred.Time
    AND lower(hosted_connections.ProcessName) = inferred.ProcessName
    AND lower(hosted_connections.AccountName) = inferred.AccountName
  LEFT JOIN unique_ids
    ON hosted_connections.Device = unique_ids.Device
    AND hosted_connections.ProcessId = unique_ids.ProcessId
    AND coalesce(hosted_connections.CreationTime, SpellCreationTime) = unique_ids.CreationTime
),

-- Step 8: one timeline for each finding and PID, as in the findings by PID; Who is what a finding is one of.
nearby_loads AS (
  SELECT
    *,
    CASE $identity
      WHEN 'process' THEN Process
      ELSE [DeviceName, ProcessName, ProcessCmd, AccountName, ProcessSHA256]
    END AS Who
  FROM identified_loads
),
holders AS (
  SELECT DISTINCT
    Who,
    Host,
    ProcessId,
    Holder,
    unnest([LoadBucket, LoadBucket + 1]) AS Bucket
  FROM nearby_loads
),
timeline AS (
  SELECT
    Who,
    ProcessId,
    Process,
    Inferred,
    LoadTime AS Time,
    1 AS Turn,
    1 AS Opens,
    {
      DeviceName: DeviceName, ProcessName: ProcessName, ProcessCmd: ProcessCmd, AccountName: AccountName,
      ProcessSHA256: ProcessSHA256, ProcessId: ProcessId, CreationTime: CreationTime, ParentProcess: ParentProcess,
      UniqueId: UniqueId
    } AS Loader,
    CryptoLib,
    NULL AS ConnTime,
    NULL AS RemoteIP,
    NULL AS RemotePort,
    NULL AS SentBytes,
    NULL AS ReceivedBytes
  FROM nearby_loads
  UNION ALL
  SELECT
    Who,
    holders.ProcessId,
    Process,
    Inferred,
    ConnTime + $tolerance,
    2,
    0,
    NULL,
    NULL,
    ConnTime,
    RemoteIP,
    RemotePort,
    SentBytes,
    ReceivedBytes
  FROM identified_connections
  JOIN holders
    ON identified_connections.Host = holders.Host
    AND identified_connections.ProcessId IS NOT DISTINCT FROM holders.ProcessId
    AND identified_connections.Holder IS NOT DISTINCT FROM holders.Holder
    AND identified_connections.ConnBucket = holders.Bucket
  UNION ALL
  SELECT
    Who,
    ProcessId,
    Process,
    NULL,
    LoadTime + $window + $tolerance,
    3,
    -1,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL
  FROM nearby_loads
),

-- Step 9: pairs are counted, never built: those that share the PID, and of these those that share the process.
counted AS (
  SELECT
    *,
    sum(Opens) OVER so_far AS OpenWindows,
    lead(ConnTime IGNORE NULLS) OVER in_turn AS NextConnection,
    CASE WHEN Process IS NULL THEN 0 ELSE sum(Opens) OVER own_so_far END AS OwnWindows
  FROM timeline
  WINDOW
    in_turn AS (
      PARTITION BY Who, ProcessId
      ORDER BY Time, Turn
    ),
    so_far AS (
      PARTITION BY Who, ProcessId
      ORDER BY Time, Turn
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ),
    own_so_far AS (
      PARTITION BY Who, ProcessId, Process
      ORDER BY Time, Turn
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
),
matched AS (
  SELECT
    *,
    Turn = 1 AS IsLoad,
    OpenWindows AS Pairs
  FROM counted
  WHERE (Turn = 1 AND NextConnection <= Time + $window)
    OR (Turn = 2 AND OpenWindows > 0)
),

-- Step 10: one row per finding. A process is described as its first load in a pair describes it.
processes AS (
  SELECT
    Who,
    min({Time: Time, Loader: Loader}) FILTER (WHERE IsLoad) AS First,
    array_agg(DISTINCT CryptoLib ORDER BY CryptoLib) FILTER (WHERE IsLoad) AS CryptoLibsLoaded,
    array_agg(DISTINCT RemoteIP ORDER BY RemoteIP) FILTER (WHERE NOT IsLoad) AS RemoteIPs,
    coalesce(
      array_agg(DISTINCT RemotePort ORDER BY RemotePort) FILTER (WHERE NOT IsLoad AND RemotePort IS NOT NULL), []
    ) AS RemotePorts,
    CAST(sum(Pairs) FILTER (WHERE NOT IsLoad) AS BIGINT) AS ConnectionCount,
    wrap_long(coalesce(sum(Pairs * CAST(SentBytes AS HUGEINT)) FILTER (WHERE NOT IsLoad), 0)) AS SentTotal,
    wrap_long(coalesce(sum(Pairs * CAST(ReceivedBytes AS HUGEINT)) FILTER (WHERE NOT IsLoad), 0)) AS ReceivedTotal,
    min(ConnTime) AS FirstConnection,
    max(ConnTime) AS LastConnection,
    count(DISTINCT Process) FILTER (WHERE IsLoad) AS Processes,
    bool_or(Inferred) AS SomeInferred,
    count(*) FILTER (WHERE NOT IsLoad) AS DistinctConnections,
    wrap_long(coalesce(sum(SentBytes), 0)) AS DistinctSentTotal,
    wrap_long(coalesce(sum(ReceivedBytes), 0)) AS DistinctReceivedTotal,
    count(*) FILTER (WHERE IsLoad) AS CryptoLoads,
    count(DISTINCT (RemoteIP, RemotePort)) FILTER (WHERE NOT IsLoad) AS DestinationCount,
    CAST(sum(Pairs - OwnWindows) FILTER (WHERE NOT IsLoad) AS BIGINT) AS FalseAttributions
  FROM matched
  GROUP BY Who
),
totals AS (
  SELECT
    *,
    CASE WHEN $sent_bytes_recorded THEN SentTotal END AS TotalBytesSent,
    CASE WHEN $received_bytes_recorded THEN ReceivedTotal END AS TotalBytesReceived,
    CASE WHEN $sent_bytes_recorded THEN DistinctSentTotal END AS DistinctBytesSent,
    CASE WHEN $received_bytes_recorded THEN DistinctReceivedTotal END AS DistinctBytesReceived,
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
    Who,
    First.Loader.DeviceName AS DeviceName,
    First.Loader.ProcessName AS ProcessName,
    First.Loader.ProcessCmd AS ProcessCmd,
    First.Loader.AccountName AS AccountName,
    First.Loader.ProcessSHA256 AS ProcessSHA256,
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
    AvgIntervalSeconds BETWEEN $beacon_min_interval AND $beacon_max_interval
      AND ConnectionCount >= $beacon_min_connections AS BeaconLikely,
    First.Loader.ProcessId AS ProcessId,
    First.Loader.CreationTime AS ProcessCreationTime,
    First.Loader.ParentProcess AS ParentProcess,
    CASE
      WHEN SomeInferred THEN 'inferred'
      WHEN Processes = 0 THEN 'none'
      WHEN First.Loader.UniqueId <> '' THEN 'unique id'
      ELSE 'creation time'
    END AS Identity,
    Processes,
    FalseAttributions,
    DistinctConnections,
    DistinctBytesSent,
    DistinctBytesReceived,
    CryptoLoads,
    First.Time AS FirstLoad,
    DestinationCount
  FROM intervals
)

-- answer
SELECT * EXCLUDE (Who)
FROM findings
ORDER BY
  ConnectionCount DESC,
  DeviceName,
  ProcessName,
  ProcessCmd,
  AccountName,
  ProcessSHA256,
  Who
