/*
id: t1573.001/process-genealogy
title: Process genealogy anomalies with external connections
description: >-
  What is inside an encrypted channel cannot be read, so its owner is judged by its descent: a script interpreter or
  loader that an office program, a browser, a script host or a service host started; a process that is older than
  its own parent; a parent that goes by a system program's name and lies elsewhere. Only processes that then
  connect to public addresses are reported, one row each.
technique: { id: T1573.001, name: "Encrypted Channel: Symmetric Cryptography" }
tactic: { id: TA0011, name: Command and Control }
severity: medium
confidence: medium
tables:
  DeviceNetworkEvents:
    [Timestamp, DeviceName, ActionType, RemoteIP, RemotePort, RemoteIPType, InitiatingProcessId,
     InitiatingProcessFileName, InitiatingProcessCommandLine, InitiatingProcessAccountName, InitiatingProcessSHA256,
     InitiatingProcessCreationTime, InitiatingProcessParentFileName, InitiatingProcessParentCreationTime]
  DeviceProcessEvents:
    [Timestamp, DeviceName, ActionType, ProcessId, ProcessCreationTime, InitiatingProcessFileName,
     InitiatingProcessFolderPath, InitiatingProcessCreationTime]
optional_tables: [DeviceProcessEvents]
extractions:
  public_connections: { action_type: equals, address_type: equals }
  creations: {}
finding:
  identity: [DeviceName, ProcessName, ProcessCmd, AccountName, ProcessSHA256, ProcessId, ProcessCreationTime]
  first: FirstConnection
  last: LastConnection
  since: ProcessCreationTime
parameters:
  unusual_parents:
    type: list of string
    description: Office programs, browsers, script hosts and service hosts, which start none of unusual_children, in any casing
    default: [winword.exe, excel.exe, powerpnt.exe, outlook.exe, msaccess.exe, mspub.exe, onenote.exe, visio.exe, eqnedt32.exe,
              chrome.exe, firefox.exe, msedge.exe, iexplore.exe, opera.exe, brave.exe,
              wscript.exe, cscript.exe, mshta.exe, hh.exe,
              svchost.exe, services.exe, wmiprvse.exe, spoolsv.exe, w3wp.exe, sqlservr.exe]
  unusual_children:
    type: list of string
    description: Interpreters and loaders that run what they are told, in any casing
    default: [powershell.exe, pwsh.exe, cmd.exe, wscript.exe, cscript.exe, mshta.exe, rundll32.exe, regsvr32.exe, msbuild.exe,
              installutil.exe, regasm.exe, regsvcs.exe, certutil.exe, bitsadmin.exe]
  system_parents:
    type: list of string
    description: System programs that lie in the Windows folders and nowhere else, in any casing
    default: [svchost.exe, services.exe, lsass.exe, wininit.exe, winlogon.exe, csrss.exe, smss.exe, explorer.exe, taskhostw.exe,
              spoolsv.exe, wmiprvse.exe, runtimebroker.exe, dllhost.exe]
  action_type:
    type: string
    description: ActionType of the connections that count, exactly as written
    default: ConnectionSuccess
  address_type:
    type: string
    description: RemoteIPType of the connections that count, exactly as written
    default: Public
  since: { type: datetime, description: Only events at or after this instant, default: null }
  until: { type: datetime, description: Only events before this instant, default: null }
  lookback: { type: timespan, description: Only events later than now less this, default: null }
  now: { type: datetime, description: The instant that lookback counts from; the start of the run unless set, default: null }
false_positives:
  - Add-ins and macros that a company has come to rely on, and web helpers that browsers start
  - Scheduled tasks and management agents, which run PowerShell under svchost.exe or WmiPrvSE.exe
  - A clock that was set back between the start of a parent and of its child
blind_spots:
  - A parent that the implant chose for itself (parent process spoofing) and that is a usual one
  - Implants in processes of usual descent; injection leaves no genealogy
  - Without DeviceProcessEvents, where the parent lies is not known
references:
  - https://attack.mitre.org/techniques/T1573/001/
  - https://attack.mitre.org/techniques/T1036/005/
  - https://attack.mitre.org/techniques/T1134/004/
  - https://learn.microsoft.com/defender-xdr/advanced-hunting-deviceprocessevents-table
  - https://learn.microsoft.com/defender-xdr/advanced-hunting-devicenetworkevents-table
  - >-
    Stealth Falcon, whose Office macros start PowerShell that encrypts its channel with RC4 under a key in the script.
    Citizen Lab, Keep Calm and (Don't) Enable Macros: A New Threat Actor Targets UAE Dissidents.
    https://citizenlab.ca/2016/05/stealth-falcon/
  - >-
    Helminth, whose Excel macros start scripts and PowerShell that encrypt their channel with RC4. MITRE ATT&CK, Software.
    https://attack.mitre.org/software/S0170/
created: 2026-11-24
updated: 2026-11-24
*/

WITH
-- Step 1: connections to public addresses, and the processes that made them. PID 0 stands for no process.
public_connections AS NOT MATERIALIZED (
  SELECT
    DeviceName,
    InitiatingProcessId AS ProcessId,
    InitiatingProcessCreationTime AS ProcessCreationTime,
    InitiatingProcessFileName AS ProcessName,
    InitiatingProcessCommandLine AS ProcessCmd,
    InitiatingProcessAccountName AS AccountName,
    InitiatingProcessSHA256 AS ProcessSHA256,
    InitiatingProcessParentFileName,
    InitiatingProcessParentCreationTime,
    RemoteIP,
    RemotePort,
    Timestamp
  FROM DeviceNetworkEvents
  WHERE ActionType = $action_type
    AND RemoteIPType = $address_type
    AND InitiatingProcessId <> 0
    AND ($since IS NULL OR Timestamp >= $since)
    AND ($until IS NULL OR Timestamp < $until)
    AND ($lookback IS NULL OR Timestamp > $now::TIMESTAMP - $lookback::INTERVAL)
),
connecting AS (
  SELECT
    DeviceName,
    ProcessId,
    ProcessCreationTime,
    ProcessName,
    ProcessCmd,
    AccountName,
    ProcessSHA256,
    max(InitiatingProcessParentFileName) AS RecordedParent,
    max(InitiatingProcessParentCreationTime) AS RecordedParentCreationTime,
    count(*) AS ConnectionCount,
    min(Timestamp) AS FirstConnection,
    max(Timestamp) AS LastConnection
  FROM public_connections
  GROUP BY ALL
),

-- Step 2: where a process's start was recorded, who started it and where that lies.
creations AS (
  SELECT
    DeviceName,
    ProcessId,
    ProcessCreationTime,
    InitiatingProcessFileName,
    InitiatingProcessFolderPath,
    InitiatingProcessCreationTime
  FROM DeviceProcessEvents
  WHERE ActionType = 'ProcessCreated'
    AND ($since IS NULL OR Timestamp >= $since)
    AND ($until IS NULL OR Timestamp < $until)
    AND ($lookback IS NULL OR Timestamp > $now::TIMESTAMP - $lookback::INTERVAL)
),
created AS (
  SELECT
    DeviceName,
    ProcessId,
    ProcessCreationTime,
    max(InitiatingProcessFileName) AS CreatorName,
    max(InitiatingProcessFolderPath) AS CreatorPath,
    max(InitiatingProcessCreationTime) AS CreatorCreationTime
  FROM creations
  GROUP BY ALL
),
descended AS (
  SELECT
    connecting.*,
    coalesce(nullif(CreatorName, ''), RecordedParent) AS ParentProcess,
    coalesce(CreatorCreationTime, RecordedParentCreationTime) AS ParentCreationTime,
    coalesce(CreatorPath, '') AS ParentPath
  FROM connecting
  LEFT JOIN created
    ON connecting.DeviceName = created.DeviceName
    AND connecting.ProcessId = created.ProcessId
    AND connecting.ProcessCreationTime = created.ProcessCreationTime
),

-- Step 3: what is wrong with the descent.
judged AS (
  SELECT
    *,
    list_filter(
      [
        CASE
          WHEN lower(ParentProcess) IN list_transform($unusual_parents, lambda name: lower(name))
            AND lower(ProcessName) IN list_transform($unusual_children, lambda name: lower(name))
            THEN 'unusual parent'
        END,
        CASE WHEN ProcessCreationTime < ParentCreationTime THEN 'older than its parent' END,
        CASE
          WHEN lower(ParentProcess) IN list_transform($system_parents, lambda name: lower(name))
            AND ParentPath <> ''
            AND NOT regexp_matches(lower(ParentPath), '^[a-z]:\\windows\\(explorer\.exe$|system32\\|syswow64\\)')
            THEN 'parent not where its name belongs'
        END
      ],
      lambda reason: reason IS NOT NULL
    ) AS Reasons
  FROM descended
),
anomalous AS (
  SELECT *
  FROM judged
  WHERE len(Reasons) > 0
),

-- Step 4: where they connect to. Lists are made of these few alone: for every process they took two thirds of its time.
-- Nothing is lost where connections that were delivered twice are read as another copy now.
findings AS (
  SELECT
    anomalous.*,
    coalesce(array_agg(DISTINCT RemoteIP ORDER BY RemoteIP) FILTER (WHERE RemoteIP IS NOT NULL), []) AS RemoteIPs,
    coalesce(array_agg(DISTINCT RemotePort ORDER BY RemotePort) FILTER (WHERE RemotePort IS NOT NULL), []) AS RemotePorts
  FROM anomalous
  LEFT JOIN public_connections
    ON anomalous.DeviceName = public_connections.DeviceName
    AND anomalous.ProcessId = public_connections.ProcessId
    AND anomalous.ProcessCreationTime IS NOT DISTINCT FROM public_connections.ProcessCreationTime
    AND anomalous.ProcessName = public_connections.ProcessName
    AND anomalous.ProcessCmd = public_connections.ProcessCmd
    AND anomalous.AccountName = public_connections.AccountName
    AND anomalous.ProcessSHA256 = public_connections.ProcessSHA256
  GROUP BY ALL
)

-- answer
SELECT
  DeviceName,
  ProcessName,
  ProcessCmd,
  AccountName,
  ProcessSHA256,
  ProcessId,
  ProcessCreationTime,
  ParentProcess,
  ParentPath,
  Reasons,
  RemoteIPs,
  RemotePorts,
  ConnectionCount,
  FirstConnection,
  LastConnection
FROM findings
ORDER BY
  len(Reasons) DESC,
  ConnectionCount DESC,
  DeviceName,
  ProcessName,
  ProcessCmd,
  AccountName,
  ProcessSHA256,
  ProcessId,
  ProcessCreationTime
