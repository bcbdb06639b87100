-- Sysmon event 1, process created, as rows of DeviceProcessEvents: the new process, and as InitiatingProcess the
-- parent that started it. Sysmon has no DeviceId: the SHA-1 of the device's name stands in.
-- export: one row per event, all fields as text; processes: one row per ProcessGuid.
-- https://learn.microsoft.com/sysinternals/downloads/sysmon
-- https://learn.microsoft.com/defender-xdr/advanced-hunting-deviceprocessevents-table
SELECT
  event.UtcTime::TIMESTAMP AS "Timestamp",
  sha1(lower(event.Device)) AS DeviceId,
  lower(event.Device) AS DeviceName,
  'ProcessCreated' AS ActionType,
  parse_filename(event.Image, false, 'both_slash') AS FileName,
  event.Image AS FolderPath,
  lower(nullif(regexp_extract(event.Hashes, 'SHA1=(\w+)', 1), '')) AS SHA1,
  lower(nullif(regexp_extract(event.Hashes, 'SHA256=(\w+)', 1), '')) AS SHA256,
  lower(nullif(regexp_extract(event.Hashes, 'MD5=(\w+)', 1), '')) AS MD5,
  nullif(nullif(event.Company, '-'), '?') AS ProcessVersionInfoCompanyName,
  nullif(nullif(event.Product, '-'), '?') AS ProcessVersionInfoProductName,
  nullif(nullif(event.OriginalFileName, '-'), '?') AS ProcessVersionInfoOriginalFileName,
  nullif(nullif(event.Description, '-'), '?') AS ProcessVersionInfoFileDescription,
  nullif(nullif(event.ProcessId, '-'), '')::BIGINT AS ProcessId,
  event.CommandLine AS ProcessCommandLine,
  event.IntegrityLevel AS ProcessIntegrityLevel,
  event.UtcTime::TIMESTAMP AS ProcessCreationTime,
  lower(regexp_extract(nullif(event."User", '-'), '^(.*)\\', 1)) AS AccountDomain,
  lower(split_part(nullif(event."User", '-'), '\', -1)) AS AccountName,
  nullif(event.LogonId, '-')::BIGINT AS LogonId,
  parse_filename(event.ParentImage, false, 'both_slash') AS InitiatingProcessFileName,
  lower(event.ParentImage) AS InitiatingProcessFolderPath,
  nullif(nullif(event.ParentProcessId, '-'), '')::BIGINT AS InitiatingProcessId,
  event.ParentCommandLine AS InitiatingProcessCommandLine,
  parent.creation_time AS InitiatingProcessCreationTime,
  lower(regexp_extract(coalesce(nullif(event.ParentUser, '-'), parent.account), '^(.*)\\', 1)) AS InitiatingProcessAccountDomain,
  lower(split_part(coalesce(nullif(event.ParentUser, '-'), parent.account), '\', -1)) AS InitiatingProcessAccountName,
  parent.sha1 AS InitiatingProcessSHA1,
  parent.sha256 AS InitiatingProcessSHA256,
  parent.md5 AS InitiatingProcessMD5,
  parent.integrity AS InitiatingProcessIntegrityLevel,
  parent.parent_id AS InitiatingProcessParentId,
  parent.parent_file_name AS InitiatingProcessParentFileName,
  parent.company AS InitiatingProcessVersionInfoCompanyName,
  parent.product AS InitiatingProcessVersionInfoProductName,
  parent.original_file_name AS InitiatingProcessVersionInfoOriginalFileName,
  parent.file_description AS InitiatingProcessVersionInfoFileDescription,
  event.Record::BIGINT AS ReportId
FROM export AS event
LEFT JOIN processes AS parent
  ON parent.process_guid = lower(trim(event.ParentProcessGuid, '{}'))
WHERE event.EventID = '1'
  AND event.UtcTime IS NOT NULL
  AND event.Image IS NOT NULL
