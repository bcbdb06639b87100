-- Sysmon event 3, network connection, as rows of DeviceNetworkEvents. Initiated says whether the process opened
-- the connection (then its destination is remote) or accepted it (then its source is). Times are UtcTime; some
-- versions of Sysmon stamp this event seconds to hours off the machine's other events.
-- Sysmon has no DeviceId: the SHA-1 of the device's name stands in.
-- export: one row per event, all fields as text; processes: one row per ProcessGuid.
-- https://learn.microsoft.com/sysinternals/downloads/sysmon
-- https://learn.microsoft.com/defender-xdr/advanced-hunting-devicenetworkevents-table
WITH connections AS (
  SELECT
    *,
    coalesce(lower(Initiated), 'true') = 'true' AS initiated_here,
    -- Of UDP that was received, the recorded logs name the receiving end as the source.
    initiated_here OR (lower(Protocol) = 'udp' AND SourceIp <> DestinationIp) AS source_is_local
  FROM export
  WHERE EventID = '3'
    AND DestinationIp IS NOT NULL
),
ends AS (
  SELECT
    *,
    lower(nullif(CASE WHEN source_is_local THEN DestinationIp ELSE SourceIp END, '-')) AS remote_ip,
    nullif(CASE WHEN source_is_local THEN DestinationPort ELSE SourcePort END, '-')::INTEGER AS remote_port,
    nullif(CASE WHEN source_is_local THEN DestinationHostname ELSE SourceHostname END, '-') AS remote_name,
    lower(nullif(CASE WHEN source_is_local THEN SourceIp ELSE DestinationIp END, '-')) AS local_ip,
    nullif(CASE WHEN source_is_local THEN SourcePort ELSE DestinationPort END, '-')::INTEGER AS local_port
  FROM connections
),
-- Sysmon writes all eight groups of an IPv6 address; Defender has :: for the first of the longest runs of zeros.
-- https://www.rfc-editor.org/rfc/rfc5952#section-4.2
shortened AS (
  SELECT
    * EXCLUDE (remote_ip, local_ip),
    list_transform([remote_ip, local_ip], lambda ip: CASE
      WHEN ip LIKE '%:%' AND ip NOT LIKE '%::%' THEN list_transform(
        [list_reduce(
          regexp_extract_all(ip, '(?:^|:)0(?::0)+(?::|$)'),
          lambda longest, run: CASE
            WHEN length(replace(run, ':', '')) > length(replace(longest, ':', '')) THEN run
            ELSE longest
          END,
          ''
        )],
        lambda zeros: CASE
          WHEN zeros = '' THEN ip
          ELSE ip[:strpos(ip, zeros) - 1] || '::' || ip[strpos(ip, zeros) + length(zeros):]
        END
      )[1]
      ELSE ip
    END) AS ips
  FROM ends
),
-- Defender's names for the classes of addresses that IANA sets apart; link-local ones count as private.
-- https://www.iana.org/assignments/iana-ipv4-special-registry https://www.iana.org/assignments/iana-ipv6-special-registry
classified AS (
  SELECT
    *,
    list_transform(ips, lambda ip: CASE
      WHEN ip = '255.255.255.255' THEN 'Broadcast'
      WHEN ip LIKE '127.%' OR ip = '::1' THEN 'Loopback'
      WHEN ip LIKE '10.%' OR ip LIKE '192.168.%' OR ip LIKE '169.254.%' THEN 'Private'
      WHEN regexp_matches(ip, '^172\.(1[6-9]|2\d|3[01])\.') THEN 'Private'
      WHEN regexp_matches(ip, '^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.') THEN 'CarrierGradeNat'
      WHEN regexp_matches(ip, '^(0|22[4-9]|23\d|24\d|25[0-5])\.') THEN 'Reserved'
      WHEN regexp_matches(ip, '^\d+\.\d+\.\d+\.\d+$') THEN 'Public'
      WHEN ip LIKE '::ffff:%' THEN 'FourToSixMapping'
      WHEN regexp_matches(ip, '^2001:(0?:|0:)') THEN 'Teredo'
      WHEN regexp_matches(ip, '^(f[cd][0-9a-f]{2}|fe[89a-f][0-9a-f]):') THEN 'Private'
      WHEN ip = '::' OR regexp_matches(ip, '^ff[0-9a-f]{2}:') THEN 'Reserved'
      WHEN ip LIKE '%:%' THEN 'Public'
    END) AS ip_types
  FROM shortened
)
SELECT
  event.UtcTime::TIMESTAMP AS "Timestamp",
  sha1(lower(event.Device)) AS DeviceId,
  lower(event.Device) AS DeviceName,
  CASE WHEN event.initiated_here THEN 'ConnectionSuccess' ELSE 'InboundConnectionAccepted' END AS ActionType,
  event.ips[1] AS RemoteIP,
  event.remote_port AS RemotePort,
  event.remote_name AS RemoteUrl,
  event.ips[2] AS LocalIP,
  event.local_port AS LocalPort,
  upper(event.Protocol[1]) || lower(event.Protocol[2:]) AS Protocol,
  event.ip_types[1] AS RemoteIPType,
  event.ip_types[2] AS LocalIPType,
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
FROM classified AS event
LEFT JOIN processes AS process
  ON process.process_guid = lower(trim(event.ProcessGuid, '{}'))
