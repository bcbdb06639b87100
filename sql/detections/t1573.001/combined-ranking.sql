/*
id: t1573.001/combined-ranking
title: Processes by all three behaviours of encrypted channels
description: >-
  Payloads are opaque, so each of three detections watches one thing that gives an encrypted channel away: crypto
  libraries with connections on unusual ports, descent, and what a cipher leaves in text. Here they stand side by
  side, one row per process, those that show most of them first.
technique: { id: T1573.001, name: "Encrypted Channel: Symmetric Cryptography" }
tactic: { id: TA0011, name: Command and Control }
severity: high
confidence: medium
combines:
  crypto_c2: symmetric-cryptography-c2.identity
  genealogy: process-genealogy
  artefacts: cipher-artefacts
tables:
  DeviceNetworkEvents:
    [Timestamp, DeviceId, DeviceName, ActionType, RemoteIP, RemotePort, RemoteIPType, RemoteUrl, ReportId,
     InitiatingProcessId, InitiatingProcessFileName, InitiatingProcessCommandLine, InitiatingProcessAccountName,
     InitiatingProcessSHA256, InitiatingProcessCreationTime, InitiatingProcessUniqueId,
     InitiatingProcessParentFileName, InitiatingProcessParentCreationTime, SentBytes, ReceivedBytes]
  DeviceImageLoadEvents:
    [Timestamp, DeviceId, DeviceName, FileName, ReportId, InitiatingProcessId, InitiatingProcessFileName,
     InitiatingProcessCommandLine, InitiatingProcessAccountName, InitiatingProcessSHA256,
     InitiatingProcessCreationTime, InitiatingProcessUniqueId, InitiatingProcessParentFileName]
  DeviceProcessEvents:
    [Timestamp, DeviceName, ActionType, FileName, ProcessCommandLine, AccountName, SHA256, ProcessId,
     ProcessCreationTime, InitiatingProcessFileName, InitiatingProcessFolderPath, InitiatingProcessCreationTime]
  DeviceEvents:
    [Timestamp, DeviceName, ActionType, AdditionalFields, InitiatingProcessId, InitiatingProcessFileName,
     InitiatingProcessCommandLine, InitiatingProcessAccountName, InitiatingProcessSHA256, InitiatingProcessCreationTime]
optional_tables: [DeviceProcessEvents, DeviceEvents, DeviceImageLoadEvents]
parameters:
  identity:
    type: string
    values: [pid, process]
    description: Whose connections belong to a load; by process, rows of all three meet where one process made them
    default: process
recorded:
  sent_bytes_recorded: DeviceNetworkEvents.SentBytes
  received_bytes_recorded: DeviceNetworkEvents.ReceivedBytes
macros: [wrap_long, hints_at_cipher, told_text]
extractions:
  crypto_loads: { crypto_libraries: selects, excluded_processes: excludes, excluded_browsers: excludes }
  suspicious_connections: { standard_ports: excludes, action_type: equals, address_type: equals }
  public_connections: { action_type: equals, address_type: equals }
  creations: {}
  command_lines: {}
  scripts: {}
  loaded: { script_hosts: selects, script_host_libraries: selects }
finding:
  identity: [DeviceName, ProcessId, ProcessCreationTime]
  without_pid: [ProcessName, ProcessCmd, Behaviours]
  first: FirstSeen
  last: LastSeen
  since: ProcessCreationTime
false_positives:
  - Those of the three, and fewest where a process shows more than one behaviour
blind_spots:
  - Those of the three; a process whose start time only some events record stands in two rows
references:
  - https://attack.mitre.org/techniques/T1573/001/
created: 2026-11-24
updated: 2026-11-30
*/

-- Step 1: the findings of all three, each with what it says of the process.
behaviours AS (
  SELECT
    DeviceName, ProcessId, ProcessCreationTime, ProcessName, ProcessCmd, AccountName, ProcessSHA256,
    ParentProcess,
    'crypto library and connections' AS Behaviour,
    CryptoLibsLoaded,
    BeaconLikely,
    DistinctConnections,
    RemoteIPs,
    RemotePorts,
    FirstLoad AS FirstSeen,
    LastConnection AS LastSeen
  FROM crypto_c2
  UNION ALL BY NAME
  SELECT
    DeviceName, ProcessId, ProcessCreationTime, ProcessName, ProcessCmd, AccountName, ProcessSHA256,
    ParentProcess,
    'genealogy' AS Behaviour,
    Reasons,
    ConnectionCount AS DistinctConnections,
    RemoteIPs,
    RemotePorts,
    FirstConnection AS FirstSeen,
    LastConnection AS LastSeen
  FROM genealogy
  UNION ALL BY NAME
  SELECT
    DeviceName, ProcessId, ProcessCreationTime, ProcessName, ProcessCmd, AccountName, ProcessSHA256,
    'cipher artefacts' AS Behaviour,
    Artefacts,
    Excerpt,
    FirstSeen,
    LastSeen
  FROM artefacts
),

-- Step 2: one row per process. Two rows without a process id have nothing in common; they stay apart by their behaviour.
ranked AS (
  SELECT
    DeviceName,
    ProcessId,
    ProcessCreationTime,
    max(ProcessName) AS ProcessName,
    max(ProcessCmd) AS ProcessCmd,
    max(AccountName) AS AccountName,
    max(ProcessSHA256) AS ProcessSHA256,
    coalesce(max(ParentProcess), '') AS ParentProcess,
    array_agg(DISTINCT Behaviour ORDER BY Behaviour) AS Behaviours,
    coalesce(bool_or(BeaconLikely), false) AS BeaconLikely,
    coalesce(list_sort(list_distinct(flatten(array_agg(CryptoLibsLoaded) FILTER (WHERE CryptoLibsLoaded IS NOT NULL)))), [])
      AS CryptoLibsLoaded,
    coalesce(list_sort(list_distinct(flatten(array_agg(Reasons) FILTER (WHERE Reasons IS NOT NULL)))), [])
      AS Reasons,
    coalesce(list_sort(list_distinct(flatten(array_agg(Artefacts) FILTER (WHERE Artefacts IS NOT NULL)))), [])
      AS Artefacts,
    coalesce(max(Excerpt), '') AS Excerpt,
    -- A process whose events describe it in two ways is two findings by descent, of different connections.
    CAST(
      greatest(
        coalesce(sum(DistinctConnections) FILTER (WHERE Behaviour = 'genealogy'), 0),
        coalesce(max(DistinctConnections) FILTER (WHERE Behaviour <> 'genealogy'), 0)
      ) AS BIGINT
    ) AS DistinctConnections,
    coalesce(list_sort(list_distinct(flatten(array_agg(RemoteIPs) FILTER (WHERE RemoteIPs IS NOT NULL)))), []) AS RemoteIPs,
    coalesce(list_sort(list_distinct(flatten(array_agg(RemotePorts) FILTER (WHERE RemotePorts IS NOT NULL)))), [])
      AS RemotePorts,
    min(FirstSeen) AS FirstSeen,
    max(LastSeen) AS LastSeen
  FROM behaviours
  GROUP BY
    DeviceName,
    ProcessId,
    ProcessCreationTime,
    CASE WHEN ProcessId IS NULL OR ProcessId = 0 THEN [ProcessName, ProcessCmd, Behaviour] END
)

-- answer
SELECT
  row_number() OVER strongest_first AS Rank,
  *
FROM ranked
WINDOW strongest_first AS (
  ORDER BY
    len(Behaviours) DESC,
    BeaconLikely DESC,
    len(Reasons) + len(Artefacts) DESC,
    DistinctConnections DESC,
    DeviceName,
    ProcessName,
    ProcessCmd,
    ProcessId,
    ProcessCreationTime,
    Behaviours
)
ORDER BY Rank
