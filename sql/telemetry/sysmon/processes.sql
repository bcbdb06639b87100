-- What a Sysmon log knows of each process, one row per ProcessGuid: from the process's creation (event 1); and for
-- one that was running before the log began, the account and process id that its other events name and the start
-- time, to the second, that is part of every ProcessGuid (machine-time-time-token, the time's low half first).
-- Where a creation was collected twice, the earliest, then the smallest, is taken, so that joins stay one to one.
-- export: one row per event, all fields as text.
-- https://learn.microsoft.com/sysinternals/downloads/sysmon
WITH processes AS (
  SELECT
    lower(trim(ProcessGuid, '{}')) AS process_guid,
    min({
      time: UtcTime::TIMESTAMP,
      command_line: CommandLine,
      hashes: Hashes,
      integrity: IntegrityLevel,
      parent_id: ParentProcessId,
      parent_image: ParentImage,
      company: Company,
      product: Product,
      original_name: OriginalFileName,
      description: Description,
      account: "User"
    }) FILTER (WHERE EventID = '1') AS created,
    min(nullif("User", '-')) AS account,
    min(nullif(nullif(ProcessId, '-'), '')) AS id
  FROM export
  WHERE EventID IN ('1', '3', '7')
    AND trim(ProcessGuid, '{}') NOT LIKE '00000000-%'
  GROUP BY ALL
)
SELECT
  process_guid,
  coalesce(
    created.time,
    make_timestamp(try_cast('0x' || process_guid[15:18] || process_guid[10:13] AS BIGINT) * 1000000)
  ) AS creation_time,
  id::BIGINT AS id,
  created.command_line AS command_line,
  coalesce(nullif(created.account, '-'), account) AS account,
  lower(nullif(regexp_extract(created.hashes, 'SHA1=(\w+)', 1), '')) AS sha1,
  lower(nullif(regexp_extract(created.hashes, 'SHA256=(\w+)', 1), '')) AS sha256,
  lower(nullif(regexp_extract(created.hashes, 'MD5=(\w+)', 1), '')) AS md5,
  created.integrity AS integrity,
  nullif(created.parent_id, '-')::BIGINT AS parent_id,
  parse_filename(created.parent_image, false, 'both_slash') AS parent_file_name,
  nullif(nullif(created.company, '-'), '?') AS company,
  nullif(nullif(created.product, '-'), '?') AS product,
  nullif(nullif(created.original_name, '-'), '?') AS original_file_name,
  nullif(nullif(created.description, '-'), '?') AS file_description
FROM processes
