-- RITA 5's score by its published definition, over one key's non-zero gaps in whole seconds, its bytes per
-- connection, and its connections in 24 equal bins of the whole observation.

-- The mean of one less the skewness, and of how small the deviation is beside the median.
CREATE OR REPLACE TEMP MACRO rita_regularity(Q1, Q2, Q3, Mad, WithoutMedian) AS
  (
    1 - CASE
      WHEN Q3 - Q1 < 10 OR Q2 = Q1 OR Q2 = Q3 THEN 0.0::DOUBLE
      ELSE abs((Q1 + Q3 - 2 * Q2) / (Q3 - Q1))
    END
    + CASE WHEN Q2 < 1 THEN WithoutMedian ELSE greatest(0, (Q2 - Mad) / Q2) END
  ) / 2;

-- Bins of the observation that hold connections, as the heights of those bins in order of height.
-- The larger of what varies little from bin to bin, and of what has two heights only.
CREATE OR REPLACE TEMP MACRO rita_histogram(Heights, HeightBuckets) AS
  greatest(
    0.0::DOUBLE,
    1 - sqrt(
      greatest(0, list_sum(list_transform(Heights, lambda height: height * height)) / 24
        - (list_sum(Heights) / 24) * (list_sum(Heights) / 24))
    ) / (list_sum(Heights) / 24),
    CASE
      WHEN len(Heights) >= 11
        THEN list_sum(list_reverse_sort(HeightBuckets)[1:2]) / len(Heights)::DOUBLE
      ELSE 0.0::DOUBLE
    END
  );

-- With at least 6 bins, the larger of the share of the observation between first and last, and of the longest run.
CREATE OR REPLACE TEMP MACRO rita_duration(ActiveBins, Covered, LongestRun) AS
  CASE WHEN ActiveBins >= 6 THEN least(1, greatest(Covered, LongestRun / 12)) ELSE 0.0::DOUBLE END;
