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
    description: >-
      Office programs, readers, browsers, script hosts, programs of Windows that run others' code, and services, which
      start none of unusual_children, in any casing
    default: [winword.exe, excel.exe, powerpnt.exe, outlook.exe, olk.exe, msaccess.exe, mspub.exe, onenote.exe, onenotem.exe,
              visio.exe, winproj.exe, infopath.exe, eqnedt32.exe, fltldr.exe, hwp.exe, acrord32.exe, acrobat.exe,
              foxitreader.exe, foxitpdfreader.exe,
              chrome.exe, firefox.exe, msedge.exe, msedgewebview2.exe, iexplore.exe, opera.exe, brave.exe, vivaldi.exe,
              wscript.exe, cscript.exe, mshta.exe, hh.exe, scrcons.exe, regsvr32.exe, rundll32.exe, installutil.exe, regasm.exe,
              regsvcs.exe, cmstp.exe, msxsl.exe, odbcconf.exe, msdt.exe, sdiagnhost.exe,
              svchost.exe, services.exe, lsass.exe, wininit.exe, winlogon.exe, csrss.exe, smss.exe, taskhostw.exe, dllhost.exe,
              mmc.exe, wmiprvse.exe, wsmprovhost.exe, spoolsv.exe, dns.exe, w3wp.exe, umworkerprocess.exe, httpd.exe, nginx.exe,
              php-cgi.exe, sqlservr.exe, mysqld.exe, postgres.exe]
  unusual_children:
    type: list of string
    description: Interpreters, loaders and fetchers that run or bring what they are told, in any casing
    default: [powershell.exe, powershell_ise.exe, pwsh.exe, cmd.exe, bash.exe, wscript.exe, cscript.exe, mshta.exe, hh.exe,
              rundll32.exe, regsvr32.exe, msbuild.exe, installutil.exe, regasm.exe, regsvcs.exe, cmstp.exe, msxsl.exe,
              odbcconf.exe, msiexec.exe, wmic.exe, certutil.exe, bitsadmin.exe, curl.exe]
  usual_pairs:
    type: list of string
    description: Of these, parents and children that belong together, written parent.exe>child.exe, in any casing
    default: [rundll32.exe>rundll32.exe, regsvr32.exe>regsvr32.exe, services.exe>msiexec.exe, svchost.exe>msiexec.exe]
  system_paths:
    type: list of string
    description: >-
      System programs, each by a path below the drive at which it lies; where one that goes by such a name lies elsewhere,
      it is another program. In any casing
    default: ['windows\explorer.exe', 'windows\syswow64\explorer.exe',
              'windows\system32\svchost.exe', 'windows\syswow64\svchost.exe',
              'windows\system32\dllhost.exe', 'windows\syswow64\dllhost.exe',
              'windows\system32\rundll32.exe', 'windows\syswow64\rundll32.exe',
              'windows\system32\wbem\wmiprvse.exe', 'windows\syswow64\wbem\wmiprvse.exe',
              'windows\system32\services.exe', 'windows\system32\lsass.exe', 'windows\system32\wininit.exe',
              'windows\system32\winlogon.exe', 'windows\system32\csrss.exe', 'windows\system32\smss.exe',
              'windows\system32\taskhostw.exe', 'windows\system32\spoolsv.exe', 'windows\system32\runtimebroker.exe',
              'windows\system32\sihost.exe', 'windows\system32\userinit.exe']
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
  - Scheduled tasks and management agents, which run PowerShell under svchost.exe, WmiPrvSE.exe or wsmprovhost.exe; where
    they are many, --set "usual_pairs+=svchost.exe>powershell.exe" leaves such a pair out
  - A clock that was set back between the start of a parent and of its child
blind_spots:
  - A parent that the implant chose for itself (parent process spoofing) and that is a usual one
  - Implants in processes of usual descent; injection leaves no genealogy
  - A program of the implant's own, which is none of unusual_children, whatever started it
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
updated: 2026-11-30
*/

WITH
-- Step 1: connections to public addresses, and the processes that made them. PID 0 stands for no process, and
-- 1601 is what sensors write that have no time.
public_connections AS NOT MATERIALIZED (
  SELECT
    DeviceName,
    InitiatingProcessId AS ProcessId,
    nullif(InitiatingProcessCreationTime, TIMESTAMP '1601-01-01') AS ProcessCreationTime,
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
    nullif(ProcessCreationTime, TIMESTAMP '1601-01-01') AS ProcessCreationTime,
    InitiatingProcessFileName,
    InitiatingProcessFolderPath,
    nullif(InitiatingProcessCreationTime, TIMESTAMP '1601-01-01') AS InitiatingProcessCreationTime
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

-- Step 3: what is wrong with the descent. A path as system_paths has it: below its drive, which sensors write as a letter,
-- as \??\C:, as the kernel's \Device\HarddiskVolume3 or as \SystemRoot; with the file's name, which some leave out.
placed AS (
  SELECT
    *,
    lower(ParentProcess) AS Parent,
    lower(ProcessName) AS Child,
    CASE
      WHEN substr(ParentPath, 2, 2) = ':\' THEN lower(substr(ParentPath, 4))
      ELSE regexp_replace(
        regexp_replace(
          lower(ParentPath), '^(\\\\\?\\|\\\?\?\\)?([a-z]:|\\device\\harddiskvolume\d+)\\', ''
        ),
        '^\\systemroot\\', 'windows\\'
      )
    END AS BelowDrive,
    CASE
      WHEN ends_with(BelowDrive, '\' || Parent) THEN BelowDrive
      ELSE regexp_replace(BelowDrive, '\\+$', '') || '\' || Parent
    END AS ParentPlace
  FROM descended
),
judged AS (
  SELECT
    * EXCLUDE (Parent, Child, BelowDrive, ParentPlace),
    list_filter(
      [
        CASE
          WHEN Parent IN list_transform($unusual_parents, lambda name: lower(name))
            AND Child IN list_transform($unusual_children, lambda name: lower(name))
            AND Parent || '>' || Child NOT IN list_transform($usual_pairs, lambda pair: regexp_replace(lower(pair), '\s*>\s*', '>'))
            THEN 'unusual parent'
        END,
        CASE WHEN ProcessCreationTime < ParentCreationTime THEN 'older than its parent' END,
        CASE
          WHEN ParentPath <> ''
            AND Parent IN list_transform($system_paths, lambda path: lower(string_split(path, '\')[-1]))
            AND ParentPlace NOT IN list_transform($system_paths, lambda path: regexp_replace(lower(path), '^([a-z]:)?\\+', ''))
            THEN 'parent not where its name belongs'
        END
      ],
      lambda reason: reason IS NOT NULL
    ) AS Reasons
  FROM placed
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
