-- How many devices of the fleet use the destination, the program, and the program for that destination: counted
-- among all connections, for the keys that are left. An address is as common as the most common domain behind it: what
-- comes from a CDN comes from many addresses.
-- What is looked for comes through a list, of which the engine expects few items: of much that it expects it would make
-- the table that is searched, and search it for all connections.
rhythmic_destinations AS MATERIALIZED (
  SELECT *
  FROM key_destinations
  SEMI JOIN rhythmic_keys USING (Key)
),
rhythmic_pairs AS MATERIALIZED (
  SELECT DISTINCT hash(Destination, Image) AS Pair
  FROM rhythmic_destinations
),
visits AS MATERIALIZED (
  SELECT
    Destination,
    Device,
    -- Only the programs that are asked about: of all of them there would be ten times as many rows.
    CASE WHEN hash(Destination, Image) IN (SELECT Pair FROM rhythmic_pairs) THEN Image END AS Image,
    min(Time) AS First,
    max(Time) AS Last
  FROM (
    SELECT Address AS Destination, Image, Device, Time
    FROM connections
    UNION ALL
    SELECT Domain, Image, Device, Time
    FROM connections
    UNION ALL
    SELECT Network, Image, Device, Time
    FROM connections
  ) AS destinations
  WHERE Destination IN (SELECT unnest(list(Destination)) FROM rhythmic_destinations)
  GROUP BY ALL
),
device_visits AS (
  SELECT Destination, Device, min(First) AS First, max(Last) AS Last
  FROM visits
  GROUP BY Destination, Device
),
destination_devices AS (
  SELECT Destination, count(*) AS Devices, min(First) AS First, max(Last) AS Last
  FROM device_visits
  GROUP BY Destination
),
pair_devices AS (
  SELECT Destination, Image, count(*) AS Devices
  FROM visits
  WHERE Image IS NOT NULL
  GROUP BY Destination, Image
),
prevalence AS (
  SELECT
    Key,
    max(destination_devices.Devices) AS DestinationDevices,
    min(destination_devices.First) AS DestinationFirst,
    max(destination_devices.Last) AS DestinationLast,
    min(device_visits.First) AS DeviceFirst,
    max(pair_devices.Devices) AS PairDevices
  FROM rhythmic_destinations
  JOIN device_visits USING (Destination, Device)
  JOIN destination_devices USING (Destination)
  JOIN pair_devices USING (Destination, Image)
  GROUP BY Key
),
image_devices AS (
  SELECT Image, count(DISTINCT Device) AS Devices, min(Time) AS First, max(Time) AS Last
  FROM connections
  WHERE Image IN (SELECT unnest(list(Image)) FROM rhythmic_keys)
  GROUP BY Image
),

-- The score.
scored AS MATERIALIZED (
  SELECT
    rhythmic_keys.* EXCLUDE (MostPrevalenceScore),
    prevalence.* EXCLUDE (Key),
    image_devices.Devices AS ProcessDevices,
    image_devices.First AS ProcessFirst,
    image_devices.Last AS ProcessLast,
    observation.*,
    beacon_rarity_evidence(PairDevices, FleetDevices) AS RarityEvidence,
    beacon_newness_evidence(DeviceFirst, ObservationStart) AS NewnessEvidence,
    beacon_probability(RarityEvidence + NewnessEvidence) AS PrevalenceScore,
    TimingScore * PrevalenceScore AS BeaconScore
  FROM rhythmic_keys
  JOIN prevalence USING (Key)
  JOIN image_devices USING (Image)
  CROSS JOIN observation
  WHERE BeaconScore >= $min_score
)
