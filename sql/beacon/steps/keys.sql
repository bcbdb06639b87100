-- The keys, and the gaps between their connections. What the window gives lies together by key, so that the lists are made
-- in place: of rows as they come, lists took more than twice as long, and memory. A wider key that is little more than
-- one address is left to it: only an address that is repeated can be so much of it.
repeated_addresses AS MATERIALIZED (
  SELECT ShortKey
  FROM (
    SELECT beacon_short_key(ProcessAndPort, Address) AS ShortKey
    FROM busy_connections
    WHERE Address IS NOT NULL
  ) AS addresses
  QUALIFY row_number() OVER (PARTITION BY ShortKey) = greatest(1, ceil(0.8 * $min_connections))
),
repeated_connections AS MATERIALIZED (
  SELECT hash(ProcessAndPort, Address) AS AddressKey, *
  FROM busy_connections
  WHERE Address IS NOT NULL
    AND beacon_short_key(ProcessAndPort, Address) IN (FROM repeated_addresses)
),
repeated_flows AS MATERIALIZED (
  SELECT
    hash(ProcessAndPort, Network) AS NetworkKey,
    hash(ProcessAndPort, Domain) AS DomainKey,
    count(*) AS Connections
  FROM repeated_connections
  GROUP BY ProcessAndPort, Address, Network, Domain
),
address_keys AS (
  SELECT
    'address' AS KeyKind,
    AddressKey AS Key,
    any_value(Device) AS Device,
    min(Image) AS Image,
    list_distinct(list(Domain)) || [any_value(Address)] AS Destinations,
    count(*) AS Connections,
    min(Time) AS First,
    max(Time) AS Last,
    list(Gap) FILTER (WHERE Gap >= $beat_gap * 1e6 AND Gap > 0) AS Gaps
  FROM (
    SELECT *, Time - lag(Time) OVER (PARTITION BY AddressKey ORDER BY Time) AS Gap
    FROM repeated_connections
    WHERE 'address' IN $key_kinds
  ) AS timed
  GROUP BY AddressKey
  HAVING count(*) >= $min_connections
),
network_keys AS (
  SELECT
    'network' AS KeyKind,
    Key,
    any_value(Device) AS Device,
    min(Image) AS Image,
    [any_value(Network)] AS Destinations,
    count(*) AS Connections,
    min(Time) AS First,
    max(Time) AS Last,
    list(Gap) FILTER (WHERE Gap >= $beat_gap * 1e6 AND Gap > 0) AS Gaps
  FROM (
    SELECT *, Time - lag(Time) OVER (PARTITION BY Key ORDER BY Time) AS Gap
    FROM (
      SELECT hash(ProcessAndPort, Network) AS Key, Device, Image, Network, Address, Time
      FROM busy_connections
      WHERE Network IS NOT NULL
        AND 'network' IN $key_kinds
    ) AS keyed
  ) AS timed
  GROUP BY Key
  HAVING count(*) >= $min_connections
    AND min(Address) <> max(Address)
),
domain_keys AS (
  SELECT
    'domain' AS KeyKind,
    Key,
    any_value(Device) AS Device,
    min(Image) AS Image,
    [any_value(Domain)] AS Destinations,
    count(*) AS Connections,
    min(Time) AS First,
    max(Time) AS Last,
    list(Gap) FILTER (WHERE Gap >= $beat_gap * 1e6 AND Gap > 0) AS Gaps
  FROM (
    SELECT *, Time - lag(Time) OVER (PARTITION BY Key ORDER BY Time) AS Gap
    FROM (
      SELECT hash(ProcessAndPort, Domain) AS Key, Device, Image, Domain, Address, Time
      FROM busy_connections
      WHERE Domain IS NOT NULL
        AND DomainKind IN (FROM busy_kinds)
        AND 'domain' IN $key_kinds
    ) AS keyed
  ) AS timed
  GROUP BY Key
  HAVING count(*) >= $min_connections
    AND min(Address) <> max(Address)
),
mostly_one_address AS (
  SELECT Key
  FROM network_keys
  JOIN repeated_flows ON Key = NetworkKey
  WHERE repeated_flows.Connections > 0.8 * network_keys.Connections
  UNION ALL
  SELECT Key
  FROM domain_keys
  JOIN repeated_flows ON Key = DomainKey
  WHERE repeated_flows.Connections > 0.8 * domain_keys.Connections
),
candidates AS MATERIALIZED (
  FROM address_keys
  UNION ALL
  (FROM network_keys ANTI JOIN mostly_one_address USING (Key))
  UNION ALL
  (FROM domain_keys ANTI JOIN mostly_one_address USING (Key))
),

-- The keys that can be rare enough. The score is a product: what most of the fleet does cannot reach the least
-- score however regular it is, and its times are not sorted. Among candidates only, there may be fewer devices than among
-- all connections, and later ones: that makes the score more, never less. An address goes by the domains behind it as well.
key_destinations AS MATERIALIZED (
  SELECT
    Key,
    Device,
    Image,
    First,
    unnest(Destinations) AS Destination
  FROM candidates
),
candidate_pairs AS (
  SELECT Destination, Image, count(DISTINCT Device) AS Devices
  FROM key_destinations
  GROUP BY Destination, Image
),
candidate_devices AS (
  SELECT Destination, Device, min(First) AS DeviceFirst
  FROM key_destinations
  GROUP BY Destination, Device
),
rare_keys AS MATERIALIZED (
  SELECT
    Key,
    beacon_probability(
      beacon_rarity_evidence(Devices, FleetDevices) + beacon_newness_evidence(DeviceFirst, ObservationStart)
    ) AS MostPrevalenceScore
  FROM (
    SELECT Key, max(Devices) AS Devices, min(DeviceFirst) AS DeviceFirst
    FROM key_destinations
    JOIN candidate_pairs USING (Destination, Image)
    JOIN candidate_devices USING (Destination, Device)
    GROUP BY Key
  ) AS possible
  CROSS JOIN observation
  WHERE MostPrevalenceScore >= $min_score
)
