-- Names, from the first connection of what is listed.
first_connections AS (
  SELECT unnest(list({Key: Key, KeyKind: KeyKind, Moment: make_timestamp(First)}), recursive := true)
  FROM listed_keys
),
names AS (
  SELECT
    Key,
    min({
      DeviceName: DeviceName,
      DeviceId: DeviceId,
      ProcessName: InitiatingProcessFileName,
      ProcessId: InitiatingProcessId,
      ProcessCreationTime: nullif(InitiatingProcessCreationTime, TIMESTAMP '1601-01-01'),
      AccountName: InitiatingProcessAccountName,
      Destination: CASE KeyKind
        WHEN 'address' THEN RemoteIP
        WHEN 'network' THEN beacon_network(RemoteIP) || '0/24'
        ELSE beacon_domain(RemoteUrl)
      END,
      RemotePort: RemotePort,
      Domain: beacon_domain(RemoteUrl)
    }) AS Name
  FROM counted_events
  JOIN first_connections ON Timestamp = Moment
  WHERE Key = hash(
    beacon_process_and_port(
      device_identity(DeviceId, DeviceName),
      InitiatingProcessUniqueId,
      InitiatingProcessId,
      InitiatingProcessCreationTime,
      InitiatingProcessFileName,
      RemotePort
    ),
    CASE KeyKind
      WHEN 'address' THEN hash(RemoteIP)
      WHEN 'network' THEN hash(beacon_network(RemoteIP))
      ELSE hash(beacon_domain(RemoteUrl))
    END
  )
  GROUP BY Key
),
listed AS (
  SELECT
    Name.*,
    listed_keys.*,
    rita.* EXCLUDE (Key),
    described.* EXCLUDE (Key),
    ActiveParts / least(24, Beats) AS Spread,
    ActiveBins / 24 AS ObservationSpread,
    LongestBeatRun,
    (Last - First) / 1e6 AS DurationSeconds,
    rita_duration(
      ActiveBins, (Last - First) / greatest(1, ObservationEnd - ObservationStart), LongestRun
    ) AS RitaDuration
  FROM listed_keys
  JOIN names USING (Key)
  JOIN rita USING (Key)
  JOIN described USING (Key)
  JOIN longest_runs USING (Key)
)
