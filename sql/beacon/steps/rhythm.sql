-- The gaps between a key's connections.
candidate_connections AS MATERIALIZED (
  SELECT hash(ProcessAndPort, Address) AS Key, Time, Bytes, Address
  FROM busy_connections
  WHERE Key IN (SELECT Key FROM rare_keys)
  UNION ALL
  SELECT hash(ProcessAndPort, Network) AS Key, Time, Bytes, Address
  FROM busy_connections
  WHERE Key IN (SELECT Key FROM rare_keys)
  UNION ALL
  SELECT hash(ProcessAndPort, Domain) AS Key, Time, Bytes, Address
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

-- What of the gaps the score needs. The interval is the candidate that explains them best, then the mean of all
-- gaps of up to twelve intervals, each divided by how many it spans.
quartiles AS (
  SELECT
    *,
    len(Gaps) + 1 AS Beats,
    beacon_median(Gaps) AS MedianGap,
    beacon_lower_quartile(Gaps) AS LowerQuartile
  FROM gaps
),
-- Gaps that are even enough, if they were all near whole multiples of the interval: it is sought for these only.
even_gaps AS (
  SELECT
    *,
    beacon_sketch(Gaps) AS Sketch,
    list_avg(list_transform(Gaps, lambda gap: abs(ln(gap / MedianGap)))) AS LogDeviation,
    beacon_beats_evidence(Beats) AS BeatsEvidence,
    beacon_evenness_evidence(LogDeviation) AS EvennessEvidence
  FROM quartiles
  JOIN rare_keys USING (Key)
  WHERE beacon_probability(BeatsEvidence + EvennessEvidence + beacon_fit_evidence(1.0::DOUBLE, Beats))
    * MostPrevalenceScore >= $min_score
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
  FROM even_gaps
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
    ) / len(Gaps) AS FitShare
  FROM intervals
),

-- How sure the rhythm is. Which addresses come again is asked of the keys that are even only: it takes nothing but
-- from the score.
even_keys AS MATERIALIZED (
  SELECT
    *,
    beacon_fit_evidence(FitShare, Beats) AS FitEvidence
  FROM timing
  WHERE beacon_probability(BeatsEvidence + EvennessEvidence + FitEvidence) * MostPrevalenceScore >= $min_score
),
addresses AS (
  SELECT Key, count(DISTINCT Address) AS Addresses
  FROM candidate_connections
  SEMI JOIN even_keys USING (Key)
  GROUP BY Key
),
rhythmic_keys AS MATERIALIZED (
  SELECT
    *,
    beacon_return_evidence(KeyKind, Addresses, Connections) AS ReturnEvidence,
    beacon_probability(BeatsEvidence + EvennessEvidence + FitEvidence + ReturnEvidence) AS TimingScore
  FROM even_keys
  JOIN addresses USING (Key)
  WHERE TimingScore * MostPrevalenceScore >= $min_score
)
