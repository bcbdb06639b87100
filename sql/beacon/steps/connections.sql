-- The connections that count, every name as a hash: numbers are what is counted and sorted, names are fetched
-- last.
counted_events AS NOT MATERIALIZED (
  SELECT *
  FROM DeviceNetworkEvents
  WHERE ActionType IN $action_types
    AND RemoteIPType NOT IN $excluded_address_types
    AND Timestamp >= $since
    AND Timestamp < $until
    AND ($lookback IS NULL OR Timestamp > $now::TIMESTAMP - $lookback::INTERVAL)
),
connections AS MATERIALIZED (
  SELECT
    epoch_us(Timestamp) AS Time,
    hash(device_identity(DeviceId, DeviceName)) AS Device,
    hash(lower(InitiatingProcessFileName)) AS Image,
    beacon_process_and_port(
      device_identity(DeviceId, DeviceName),
      InitiatingProcessUniqueId,
      InitiatingProcessId,
      InitiatingProcessCreationTime,
      InitiatingProcessFileName,
      RemotePort
    ) AS ProcessAndPort,
    beacon_hash(RemoteIP) AS Address,
    beacon_hash(beacon_domain(RemoteUrl)) AS Domain,
    beacon_hash(beacon_network(RemoteIP)) AS Network,
    CASE WHEN SentBytes >= 0 THEN SentBytes END AS Bytes
  FROM counted_events
),

-- Where there is enough to look at. Most connections are one of a few of their kind: what follows sees only
-- those of a process that has enough to one domain, or to one /24, in which its addresses lie. A short key can stand for
-- two kinds, which lets through more, and enough is counted again. Sorting for the one that makes enough costs half of
-- what GROUP BY costs with as many kinds as connections.
busy_keys AS MATERIALIZED (
  SELECT BusyKey
  FROM (
    SELECT beacon_short_key(ProcessAndPort, coalesce(Network, Address)) AS BusyKey
    FROM connections
    UNION ALL
    SELECT beacon_short_key(ProcessAndPort, Domain)
    FROM connections
    WHERE Domain IS NOT NULL
  ) AS kinds
  QUALIFY row_number() OVER (PARTITION BY BusyKey) = greatest(1, $min_connections)
),
busy_connections AS MATERIALIZED (
  SELECT *
  FROM connections
  WHERE beacon_short_key(ProcessAndPort, coalesce(Network, Address)) IN (FROM busy_keys)
  UNION ALL
  SELECT *
  FROM connections
  WHERE Domain IS NOT NULL
    AND beacon_short_key(ProcessAndPort, Domain) IN (FROM busy_keys)
    AND beacon_short_key(ProcessAndPort, coalesce(Network, Address)) NOT IN (FROM busy_keys)
),
observation AS MATERIALIZED (
  SELECT
    min(Time) AS ObservationStart,
    max(Time) AS ObservationEnd,
    count(DISTINCT Device) AS FleetDevices
  FROM connections
)
