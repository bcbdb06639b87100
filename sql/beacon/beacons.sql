/*
id: beacons
title: Beacons
description: >-
  Who talks to whom at regular intervals, missed beats and jitter allowed for, and how few devices do the same.
  One row per process and destination: by address and port; by domain or by /24 and port where no single address
  holds most of its connections.
tables:
  DeviceNetworkEvents:
    [Timestamp, DeviceId, DeviceName, ActionType, RemoteIP, RemotePort, RemoteIPType, RemoteUrl,
     InitiatingProcessId, InitiatingProcessUniqueId, InitiatingProcessCreationTime, InitiatingProcessFileName,
     InitiatingProcessAccountName, SentBytes]
parameters:
  action_types:
    type: list of string
    description: ActionType of the connections that count, exactly as written
    default: [ConnectionSuccess]
  excluded_address_types:
    type: list of string
    description: RemoteIPType of the connections that do not count, exactly as written
    default: [Loopback]
  key_kinds:
    type: list of string
    description: What a destination is; address, domain, network (/24), each with the port
    default: [address, domain, network]
  min_connections:
    type: long
    description: Least connections of a key that is looked at; of millions of keys with fewer, many are even by chance
    default: 8
  beat_gap:
    type: real
    description: Connections closer together than this, in seconds, are one beat
    default: 1
  tolerance:
    type: real
    description: How far from a whole multiple of the interval a gap may lie, as a share of the interval
    default: 0.25
  min_score:
    type: real
    description: Least BeaconScore of a key that is listed
    default: 0.5
  since:
    type: datetime
    description: Only events at or after this instant; what is older was stamped by a clock that was never set
    default: "2000-01-01"
  until:
    type: datetime
    description: Only events before this instant; what is later was stamped by a clock that was never set
    default: "2090-01-01"
  lookback:
    type: timespan
    description: Only events later than now less this
    default: null
  now:
    type: datetime
    description: The instant that lookback counts from; the start of the run unless set
    default: null
recorded:
  sent_bytes_recorded: DeviceNetworkEvents.SentBytes
technique: { id: T1071, name: Application Layer Protocol }
tactic: { id: TA0011, name: Command and Control }
severity: medium
confidence: medium
macros:
  [process_identity, ../beacon/destination, ../beacon/statistics, ../beacon/rita, ../beacon/score, ../beacon/reason]
false_positives:
  - Software that polls on one device only, such as a tool that nobody else in the fleet has
  - New software during its first days on its first devices
blind_spots:
  - Implants that keep one connection open, or wait for days between connections
  - Connections that the sensor reports only in ConnectionSuccessAggregatedReport
  - Processes that live for one connection each, as a scheduled task starts them
  - C2 behind an address and a program that most of the fleet uses, unless its domain is recorded
references:
  - https://attack.mitre.org/techniques/T1071/
  - https://attack.mitre.org/techniques/T1029/
  - https://learn.microsoft.com/defender-xdr/advanced-hunting-devicenetworkevents-table
created: 2026-11-24
updated: 2026-11-24
*/

WITH
-- Step 1: the connections that count, every name as a hash: numbers are what is counted and sorted, names are fetched
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
    beacon_process(
      device_identity(DeviceId, DeviceName),
      InitiatingProcessUniqueId,
      InitiatingProcessId,
      InitiatingProcessCreationTime,
      InitiatingProcessFileName
    ) AS Process,
    beacon_hash(RemoteIP) AS Address,
    beacon_hash(beacon_domain(RemoteUrl)) AS Domain,
    beacon_hash(beacon_network(RemoteIP)) AS Network,
    RemotePort AS Port,
    CASE WHEN SentBytes >= 0 THEN SentBytes END AS Bytes
  FROM counted_events
),

-- Step 2: where there is enough to look at. Most connections are one of a few of their kind: what follows sees only
-- those of a process that has enough to one domain, or to one /24, in which its addresses lie.
busy_networks AS (
  SELECT hash(Process, coalesce(Network, Address), Port) AS BusyKey
  FROM connections
  GROUP BY BusyKey
  HAVING count(*) >= $min_connections
),
busy_domains AS (
  SELECT hash(Process, Domain, Port) AS BusyKey
  FROM connections
  WHERE Domain IS NOT NULL
  GROUP BY BusyKey
  HAVING count(*) >= $min_connections
),
busy_connections AS MATERIALIZED (
  SELECT *
  FROM connections
  WHERE hash(Process, coalesce(Network, Address), Port) IN (SELECT BusyKey FROM busy_networks)
    OR (Domain IS NOT NULL AND hash(Process, Domain, Port) IN (SELECT BusyKey FROM busy_domains))
),
observation AS MATERIALIZED (
  SELECT
    min(Time) AS ObservationStart,
    max(Time) AS ObservationEnd,
    count(DISTINCT Device) AS FleetDevices
  FROM connections
),

-- Step 3: the keys. A wider key that is little more than one address is left to it: only an address that is repeated
-- can be so much of it.
repeated_addresses AS MATERIALIZED (
  SELECT hash(Process, Address, Port) AS Key, count(*) AS Connections
  FROM busy_connections
  WHERE Address IS NOT NULL
  GROUP BY Key
  HAVING count(*) >= 0.8 * $min_connections
),
repeated_connections AS MATERIALIZED (
  SELECT hash(Process, Address, Port) AS AddressKey, *
  FROM busy_connections
  WHERE AddressKey IN (SELECT Key FROM repeated_addresses)
),
repeated_flows AS MATERIALIZED (
  SELECT
    hash(Process, Network, Port) AS NetworkKey,
    hash(Process, Domain, Port) AS DomainKey,
    count(*) AS Connections
  FROM repeated_connections
  GROUP BY Process, Address, Network, Domain, Port
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
    hash(Process, Network, Port) AS Key,
    any_value(Device) AS Device,
    min(Image) AS Image,
    [any_value(Network)] AS Destinations,
    count(*) AS Connections,
    min(Time) AS First,
    max(Time) AS Last
  FROM busy_connections
  WHERE Network IS NOT NULL
    AND 'network' IN $key_kinds
  GROUP BY Key
  HAVING count(*) >= $min_connections
    AND min(Address) <> max(Address)
),
domain_keys AS (
  SELECT
    'domain' AS KeyKind,
    hash(Process, Domain, Port) AS Key,
    any_value(Device) AS Device,
    min(Image) AS Image,
    [any_value(Domain)] AS Destinations,
    count(*) AS Connections,
    min(Time) AS First,
    max(Time) AS Last
  FROM busy_connections
  WHERE Domain IS NOT NULL
    AND 'domain' IN $key_kinds
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
candidates AS (
  FROM address_keys
  UNION ALL
  (FROM network_keys ANTI JOIN mostly_one_address USING (Key))
  UNION ALL
  (FROM domain_keys ANTI JOIN mostly_one_address USING (Key))
),

-- Step 4: the keys that can be rare enough. The score is a product: what most of the fleet does cannot reach the least
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
),

-- Step 5: the gaps between a key's connections.
candidate_connections AS MATERIALIZED (
  SELECT hash(Process, Address, Port) AS Key, Time, Bytes, Address
  FROM busy_connections
  WHERE Key IN (SELECT Key FROM rare_keys)
  UNION ALL
  SELECT hash(Process, Network, Port) AS Key, Time, Bytes, Address
  FROM busy_connections
  WHERE Key IN (SELECT Key FROM rare_keys)
  UNION ALL
  SELECT hash(Process, Domain, Port) AS Key, Time, Bytes, Address
  FROM busy_connections
  WHERE Key IN (SELECT Key FROM rare_keys)
),
timed_connections AS (
  SELECT
    Key,
    Time - lag(Time) OVER (PARTITION BY Key ORDER BY Time) AS Gap
  FROM candidate_connections
),
gaps AS (
  SELECT
    Key,
    list_transform(list_sort(list(Gap)), lambda gap: gap / 1e6) AS Gaps
  FROM timed_connections
  WHERE Gap >= $beat_gap * 1e6
    AND Gap > 0
  GROUP BY Key
  HAVING count(*) >= 3
),

-- Step 6: what of the gaps the score needs. The interval is the candidate that explains them best, then the mean of all
-- gaps of up to twelve intervals, each divided by how many it spans.
quartiles AS (
  SELECT
    *,
    len(Gaps) + 1 AS Beats,
    beacon_sketch(Gaps) AS Sketch,
    beacon_median(Gaps) AS MedianGap,
    beacon_lower_quartile(Gaps) AS LowerQuartile
  FROM gaps
),
first_intervals AS (
  SELECT
    * EXCLUDE (Sketch),
    list_max(
      list_transform(
        [MedianGap, LowerQuartile, MedianGap / 2, MedianGap / 3],
        lambda candidate: {
          Fit: beacon_fit(Sketch, candidate, $tolerance),
          Candidate: candidate
        }
      )
    ).Candidate AS FirstInterval
  FROM quartiles
),
intervals AS (
  SELECT
    * EXCLUDE (FirstInterval),
    list_sum(list_filter(Gaps, lambda gap: gap < 12.5 * FirstInterval))
      / list_sum(
        list_transform(
          list_filter(Gaps, lambda gap: gap < 12.5 * FirstInterval),
          lambda gap: beacon_steps(gap, FirstInterval)
        )
      ) AS "Interval"
  FROM first_intervals
),
timing AS (
  SELECT
    *,
    len(
      list_filter(
        Gaps,
        lambda gap: gap < 12.5 * "Interval"
          AND abs(gap - beacon_steps(gap, "Interval") * "Interval") <= $tolerance * "Interval"
      )
    ) / len(Gaps) AS FitShare,
    list_avg(list_transform(Gaps, lambda gap: abs(ln(gap / MedianGap)))) AS LogDeviation
  FROM intervals
),

-- Step 7: how sure the rhythm is.
rhythmic_keys AS MATERIALIZED (
  SELECT
    *,
    beacon_beats_evidence(Beats) AS BeatsEvidence,
    beacon_evenness_evidence(LogDeviation) AS EvennessEvidence,
    beacon_fit_evidence(FitShare, Beats) AS FitEvidence,
    beacon_probability(BeatsEvidence + EvennessEvidence + FitEvidence) AS TimingScore
  FROM timing
  JOIN rare_keys USING (Key)
  WHERE TimingScore * MostPrevalenceScore >= $min_score
),

-- Step 8: how many devices of the fleet use the destination, the program, and the program for that destination: counted
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

-- Step 9: the score.
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
),

-- Step 10: of what is listed, RITA's score, bytes, hours of the day and the rest of the statistics.
addresses AS (
  SELECT Key, count(DISTINCT Address) AS Addresses
  FROM candidate_connections
  SEMI JOIN scored USING (Key)
  GROUP BY Key
),

listed_connections AS MATERIALIZED (
  SELECT
    Key,
    Time,
    Bytes,
    "Interval",
    (Time - lag(Time) OVER (PARTITION BY Key ORDER BY Time)) / 1e6 AS Gap,
    Time // 3600000000 % 24 AS Hour,
    (Time - First) * 24 // (Last - First + 1) AS Part,
    (Time - ObservationStart) * 24 // (ObservationEnd - ObservationStart + 1) AS Bin,
    Time // 1000000 - lag(Time // 1000000) OVER (PARTITION BY Key ORDER BY Time) AS WholeGap
  FROM candidate_connections
  JOIN scored USING (Key)
),
-- Beats in a row, of which none was missed.
beat_runs AS (
  SELECT Key, count(*) FILTER (WHERE OnTime) + 1 AS Run
  FROM (
    SELECT Key, OnTime, count(*) FILTER (WHERE NOT OnTime) OVER (PARTITION BY Key ORDER BY Time) AS Nth
    FROM (
      SELECT Key, Time, abs(Gap - "Interval") <= $tolerance * "Interval" AS OnTime
      FROM listed_connections
      WHERE Gap >= $beat_gap
        AND Gap > 0
    ) AS beats
  ) AS numbered
  GROUP BY Key, Nth
),
longest_runs AS (
  SELECT Key, max(Run) AS LongestBeatRun
  FROM beat_runs
  GROUP BY Key
),
listed_lists AS (
  SELECT
    Key,
    list_sort(list(WholeGap::DOUBLE) FILTER (WHERE WholeGap > 0)) AS WholeGaps,
    list_sort(list(Bytes::DOUBLE) FILTER (WHERE Bytes IS NOT NULL)) AS Sizes,
    bit_count(bit_or(1 << Hour)) AS HoursActive,
    bit_count(bit_or(1 << Part)) AS ActiveParts,
    bit_or(1 << Bin) AS BinMask
  FROM listed_connections
  GROUP BY Key
),
bin_heights AS (
  SELECT Key, list_sort(list(Height)) AS Heights
  FROM (
    SELECT Key, Bin, count(*)::DOUBLE AS Height
    FROM listed_connections
    GROUP BY Key, Bin
  ) AS bins
  GROUP BY Key
),
listed_quartiles AS (
  SELECT
    *,
    beacon_median(WholeGaps) AS WholeMedian,
    beacon_median(Sizes) AS MedianBytes,
    list_last(Heights) AS Tallest
  FROM listed_lists
  JOIN bin_heights USING (Key)
),
listed_deviations AS (
  SELECT
    *,
    beacon_median(list_sort(list_transform(WholeGaps, lambda gap: abs(gap - WholeMedian)))) AS WholeMad,
    beacon_median(list_sort(list_transform(Sizes, lambda size: abs(size - MedianBytes)))) AS BytesMad,
    list_transform(Heights, lambda height: ceil(height / (Tallest * 0.05))) AS Buckets,
    list_max(list_transform(string_split(bin(BinMask), '0'), lambda run: len(run))) AS LongestRun
  FROM listed_quartiles
),
rita AS (
  SELECT
    Key,
    ActiveParts,
    WholeGaps,
    MedianBytes,
    BytesMad,
    HoursActive,
    LongestRun,
    rita_regularity(
      beacon_lower_quartile(WholeGaps), WholeMedian, beacon_upper_quartile(WholeGaps), WholeMad, 1.0::DOUBLE
    ) AS RitaTimestamps,
    coalesce(
      rita_regularity(beacon_lower_quartile(Sizes), MedianBytes, beacon_upper_quartile(Sizes), BytesMad, 0.0::DOUBLE),
      0
    ) AS RitaSizes,
    rita_histogram(
      Heights,
      list_transform(list_distinct(Buckets), lambda bucket: len(list_filter(Buckets, lambda other: other = bucket)))
    ) AS RitaHistogram,
    len(Heights) AS ActiveBins
  FROM listed_deviations
),

described AS (
  SELECT
    Key,
    UpperQuartile,
    GapMad,
    list_stddev_pop(Gaps) / list_avg(Gaps) AS GapVariation,
    beacon_bowley(LowerQuartile, MedianGap, UpperQuartile) AS GapSkewness,
    list_aggregate(list_transform(Gaps, lambda gap: floor(gap + 0.5)), 'mode') AS ModalGap,
    len(list_filter(Running, lambda gap: gap < 0.5 * "Interval")) / len(Gaps) AS EarlyShare,
    1 - len(Running) / len(Gaps) AS PauseShare,
    sqrt(list_avg(list_transform(Running, lambda gap: beacon_deviation(gap, "Interval")))) AS Jitter,
    1 - len(Running) / list_sum(list_transform(Running, lambda gap: beacon_steps(gap, "Interval"))) AS Missed
  FROM (
    SELECT
      *,
      beacon_upper_quartile(Gaps) AS UpperQuartile,
      beacon_median(list_sort(list_transform(Gaps, lambda gap: abs(gap - MedianGap)))) AS GapMad,
      list_filter(Gaps, lambda gap: gap < 12.5 * "Interval") AS Running
    FROM scored
  ) AS running
),

-- Step 11: names, from the first connection of what is listed.
first_connections AS (
  SELECT unnest(list({Key: Key, KeyKind: KeyKind, Moment: make_timestamp(First)}), recursive := true)
  FROM scored
),
names AS (
  SELECT
    Key,
    min({
      DeviceName: DeviceName,
      DeviceId: DeviceId,
      ProcessName: InitiatingProcessFileName,
      ProcessId: InitiatingProcessId,
      ProcessCreationTime: InitiatingProcessCreationTime,
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
    beacon_process(
      device_identity(DeviceId, DeviceName),
      InitiatingProcessUniqueId,
      InitiatingProcessId,
      InitiatingProcessCreationTime,
      InitiatingProcessFileName
    ),
    CASE KeyKind
      WHEN 'address' THEN hash(RemoteIP)
      WHEN 'network' THEN hash(beacon_network(RemoteIP))
      ELSE hash(beacon_domain(RemoteUrl))
    END,
    RemotePort
  )
  GROUP BY Key
),
listed AS (
  SELECT
    Name.*,
    scored.*,
    Addresses,
    rita.* EXCLUDE (Key),
    described.* EXCLUDE (Key),
    ActiveParts / least(24, Beats) AS Spread,
    ActiveBins / 24 AS ObservationSpread,
    LongestBeatRun,
    (Last - First) / 1e6 AS DurationSeconds,
    rita_duration(
      ActiveBins, (Last - First) / greatest(1, ObservationEnd - ObservationStart), LongestRun
    ) AS RitaDuration
  FROM scored
  JOIN names USING (Key)
  JOIN rita USING (Key)
  JOIN described USING (Key)
  JOIN addresses USING (Key)
  JOIN longest_runs USING (Key)
)

-- answer
SELECT
  DeviceName,
  DeviceId,
  ProcessName,
  ProcessId,
  ProcessCreationTime,
  AccountName,
  KeyKind,
  Destination,
  RemotePort,
  Domain,
  BeaconScore,
  beacon_reason(
    "Interval", Jitter, Beats, Missed, DurationSeconds, KeyKind, Addresses, DestinationDevices, PairDevices, FleetDevices
  ) AS Reason,
  TimingScore,
  BeatsEvidence,
  EvennessEvidence,
  FitEvidence,
  PrevalenceScore,
  RarityEvidence,
  NewnessEvidence,
  CASE WHEN len(WholeGaps) >= 3 THEN (RitaTimestamps + RitaSizes + RitaHistogram + RitaDuration) / 4 END AS RitaScore,
  Connections::BIGINT AS Connections,
  Beats,
  "Interval" AS IntervalSeconds,
  Jitter,
  Missed,
  make_timestamp(First) AS FirstConnection,
  make_timestamp(Last) AS LastConnection,
  DurationSeconds,
  MedianGap,
  GapMad,
  LowerQuartile,
  UpperQuartile,
  GapSkewness,
  GapVariation,
  LogDeviation,
  ModalGap,
  FitShare,
  EarlyShare,
  PauseShare,
  Spread,
  ObservationSpread,
  LongestRun,
  LongestBeatRun,
  HoursActive,
  MedianBytes,
  BytesMad,
  CASE WHEN MedianBytes > 0 THEN greatest(0, 1 - BytesMad / MedianBytes) END AS SizeRegularity,
  Addresses,
  DestinationDevices,
  PairDevices,
  ProcessDevices,
  FleetDevices,
  make_timestamp(DestinationFirst) AS DestinationFirstSeen,
  make_timestamp(DestinationLast) AS DestinationLastSeen,
  make_timestamp(DeviceFirst) AS DeviceFirstSeen,
  make_timestamp(ProcessFirst) AS ProcessFirstSeen,
  make_timestamp(ProcessLast) AS ProcessLastSeen,
  RitaTimestamps,
  RitaSizes,
  RitaHistogram,
  RitaDuration
FROM listed
ORDER BY
  BeaconScore DESC,
  Connections DESC,
  DeviceName,
  DeviceId,
  ProcessName,
  ProcessId,
  ProcessCreationTime,
  KeyKind,
  Destination,
  RemotePort
