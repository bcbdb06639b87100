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
-- those of a process that has enough to one domain, or to one /24, in which its addresses lie.
busy_networks AS (
  SELECT hash(ProcessAndPort, coalesce(Network, Address)) AS BusyKey
  FROM connections
  GROUP BY BusyKey
  HAVING count(*) >= $min_connections
),
busy_domains AS MATERIALIZED (
  SELECT hash(ProcessAndPort, Domain) AS BusyKey
  FROM connections
  WHERE Domain IS NOT NULL
  GROUP BY BusyKey
  HAVING count(*) >= $min_connections
),
busy_connections AS MATERIALIZED (
  SELECT *
  FROM connections
  WHERE hash(ProcessAndPort, coalesce(Network, Address)) IN (SELECT BusyKey FROM busy_networks)
    OR (Domain IS NOT NULL AND hash(ProcessAndPort, Domain) IN (SELECT BusyKey FROM busy_domains))
),
observation AS MATERIALIZED (
  SELECT
    min(Time) AS ObservationStart,
    max(Time) AS ObservationEnd,
    count(DISTINCT Device) AS FleetDevices
  FROM connections
)
