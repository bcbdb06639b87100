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
-- Hashes of whole columns first, choices between them after: see destination.sql.
hashed_events AS (
  SELECT
    epoch_us(Timestamp) AS Time,
    hash(DeviceId) AS DeviceIdHash,
    hash(DeviceName) AS DeviceNameHash,
    hash(lower(InitiatingProcessFileName)) AS FileNameHash,
    InitiatingProcessUniqueId,
    InitiatingProcessId,
    InitiatingProcessCreationTime,
    RemotePort,
    hash(RemoteIP) AS AddressHash,
    hash(beacon_network(RemoteIP)) AS NetworkHash,
    RemoteUrl,
    hash(lower(RemoteUrl)) AS UrlHash,
    contains(RemoteUrl, '/') OR contains(RemoteUrl, ':') AS IsUrl,
    SentBytes AS Bytes
  FROM counted_events
),
identified_events AS (
  SELECT
    *,
    beacon_device(DeviceIdHash, DeviceNameHash) AS Device,
    beacon_name(FileNameHash) AS Image
  FROM hashed_events
),
keyed_events AS (
  SELECT
    Time,
    Device,
    Image,
    hash(
      beacon_process(
        Device, InitiatingProcessUniqueId, InitiatingProcessId, InitiatingProcessCreationTime, Image
      ),
      RemotePort
    ) AS ProcessAndPort,
    beacon_known(AddressHash) AS Address,
    CASE WHEN IsUrl THEN beacon_known(hash(beacon_domain(RemoteUrl))) ELSE beacon_known(UrlHash) END AS Domain,
    beacon_known(NetworkHash) AS Network,
    Bytes
  FROM identified_events
),
connections AS MATERIALIZED (
  SELECT
    *,
    beacon_short_key(ProcessAndPort, coalesce(Network, Address)) AS NetworkKind,
    CASE WHEN Domain IS NOT NULL THEN beacon_short_key(ProcessAndPort, Domain) END AS DomainKind
  FROM keyed_events
),

-- Where there is enough to look at. Most connections are one of a few of their kind: what follows sees only
-- those of a process that has enough to one domain, or to one /24, in which its addresses lie. A kind can stand for
-- two, which lets through more, and enough is counted again. Sorting for the one that makes enough costs half of
-- what GROUP BY costs with as many kinds as connections.
busy_kinds AS MATERIALIZED (
  SELECT Kind
  FROM (
    SELECT NetworkKind AS Kind
    FROM connections
    UNION ALL
    SELECT DomainKind
    FROM connections
    WHERE DomainKind IS NOT NULL
  ) AS kinds
  QUALIFY row_number() OVER (PARTITION BY Kind) = greatest(1, $min_connections)
),
busy_connections AS MATERIALIZED (
  SELECT *
  FROM connections
  WHERE NetworkKind IN (FROM busy_kinds)
  UNION ALL
  SELECT *
  FROM connections
  WHERE DomainKind IN (FROM busy_kinds)
    AND NetworkKind NOT IN (FROM busy_kinds)
),
observation AS MATERIALIZED (
  SELECT
    min(Time) AS ObservationStart,
    max(Time) AS ObservationEnd,
    count(DISTINCT Device) AS FleetDevices
  FROM connections
)
