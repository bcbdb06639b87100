-- Of what is listed, RITA's score, bytes, hours of the day and the rest of the statistics.
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
  JOIN listed_keys USING (Key)
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
    FROM listed_keys
  ) AS running
)
