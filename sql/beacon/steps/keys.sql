-- The keys. A wider key that is little more than one address is left to it: only an address that is repeated
-- can be so much of it.
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
    max(Time) AS Last
  FROM repeated_connections
  WHERE 'address' IN $key_kinds
  GROUP BY AddressKey
  HAVING count(*) >= $min_connections
),
network_keys AS (
  SELECT
    'network' AS KeyKind,
    hash(ProcessAndPort, Network) AS Key,
    any_value(Device) AS Device,
    min(Image) AS Image,
    [Network] AS Destinations,
    count(*) AS Connections,
    min(Time) AS First,
    max(Time) AS Last
  FROM busy_connections
  WHERE Network IS NOT NULL
    AND 'network' IN $key_kinds
  GROUP BY ProcessAndPort, Network
  HAVING count(*) >= $min_connections
    AND min(Address) <> max(Address)
),
domain_keys AS (
  SELECT
    'domain' AS KeyKind,
    hash(ProcessAndPort, Domain) AS Key,
    any_value(Device) AS Device,
    min(Image) AS Image,
    [Domain] AS Destinations,
    count(*) AS Connections,
    min(Time) AS First,
    max(Time) AS Last
  FROM busy_connections
  WHERE Domain IS NOT NULL
    AND beacon_short_key(ProcessAndPort, Domain) IN (FROM busy_keys)
    AND 'domain' IN $key_kinds
  GROUP BY ProcessAndPort, Domain
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
candidates AS (
  FROM address_keys
  UNION ALL
  (FROM network_keys ANTI JOIN mostly_one_address USING (Key))
  UNION ALL
  (FROM domain_keys ANTI JOIN mostly_one_address USING (Key))
),

-- The keys that can be rare enough. The score is a product: what most of the fleet does cannot reach the least
-- score however regular it is, and is not sorted. Among candidates only, there may be fewer devices than among all
-- connections, and later ones: that makes the score more, never less. An address goes by the domains behind it as well.
key_destinations AS MATERIALIZED (
  SELECT * EXCLUDE (Destinations), unnest(Destinations) AS Destination
  FROM candidates
),
candidate_visits AS (
  SELECT
    *,
    count(DISTINCT Device) OVER (PARTITION BY Destination, Image) AS Devices,
    min(First) OVER (PARTITION BY Destination, Device) AS DeviceFirst
  FROM key_destinations
),
rare_keys AS MATERIALIZED (
  SELECT
    * EXCLUDE (Devices, DeviceFirst, ObservationStart, ObservationEnd, FleetDevices),
    beacon_probability(
      beacon_rarity_evidence(Devices, FleetDevices) + beacon_newness_evidence(DeviceFirst, ObservationStart)
    ) AS MostPrevalenceScore
  FROM (
    SELECT
      * EXCLUDE (Destination, Devices, DeviceFirst),
      max(Devices) AS Devices,
      min(DeviceFirst) AS DeviceFirst
    FROM candidate_visits
    GROUP BY ALL
  ) AS possible
  CROSS JOIN observation
  WHERE MostPrevalenceScore >= $min_score
)
