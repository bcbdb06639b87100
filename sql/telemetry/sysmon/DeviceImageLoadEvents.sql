-- Sysmon event 7, image loaded, as rows of DeviceImageLoadEvents. Times are UtcTime, the moment of the event;
-- the device is the machine that logged it. Sysmon has no DeviceId: the SHA-1 of the device's name stands in.
-- export: one row per event, all fields as text; processes: one row per ProcessGuid.
-- https://learn.microsoft.com/sysinternals/downloads/sysmon
-- https://learn.microsoft.com/defender-xdr/advanced-hunting-deviceimageloadevents-table
SELECT
  event.UtcTime::TIMESTAMP AS "Timestamp",
  sha1(lower(event.Device)) AS DeviceId,
  lower(event.Device) AS DeviceName,
  'ImageLoaded' AS ActionType,
  parse_filename(event.ImageLoaded, false, 'both_slash') AS FileName,
  event.ImageLoaded AS FolderPath,
  lower(nullif(regexp_extract(event.Hashes, 'SHA1=(\w+)', 1), '')) AS SHA1,
  lower(nullif(regexp_extract(event.Hashes, 'SHA256=(\w+)', 1), '')) AS SHA256,
  lower(nullif(regexp_extract(event.Hashes, 'MD5=(\w+)', 1), '')) AS MD5,
  parse_filename(event.Image, false, 'both_slash') AS InitiatingProcessFileName,
  lower(event.Image) AS InitiatingProcessFolderPath,
  coalesce(nullif(nullif(event.ProcessId, '-'), '')::BIGINT, process.id) AS InitiatingProcessId,
  process.command_line AS InitiatingProcessCommandLine,
  process.creation_time AS InitiatingProcessCreationTime,
  lower(regexp_extract(coalesce(nullif(event."User", '-'), process.account), '^(.*)\\', 1)) AS InitiatingProcessAccountDomain,
  lower(split_part(coalesce(nullif(event."User", '-'), process.account), '\', -1)) AS InitiatingProcessAccountName,
  process.sha1 AS InitiatingProcessSHA1,
  process.sha256 AS InitiatingProcessSHA256,
  process.md5 AS InitiatingProcessMD5,
  process.integrity AS InitiatingProcessIntegrityLevel,
  process.parent_id AS InitiatingProcessParentId,
  process.parent_file_name AS InitiatingProcessParentFileName,
  process.company AS InitiatingProcessVersionInfoCompanyName,
  process.product AS InitiatingProcessVersionInfoProductName,
  process.original_file_name AS InitiatingProcessVersionInfoOriginalFileName,
  process.file_description AS InitiatingProcessVersionInfoFileDescription,
  event.Record::BIGINT AS ReportId
FROM export AS event
LEFT JOIN processes AS process
  ON process.process_guid = lower(trim(event.ProcessGuid, '{}'))
WHERE event.EventID = '7'
  AND event.ImageLoaded IS NOT NULL
