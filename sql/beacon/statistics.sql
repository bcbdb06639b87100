-- Statistics of a sorted list of gaps. Each takes and gives seconds, or shares of 1. A list that is captured inside a
-- lambda is copied for each of its elements, so lambdas here see numbers only.

-- The median: the middle one, or the mean of the two in the middle. Null for an empty list.
CREATE OR REPLACE TEMP MACRO beacon_median(Sorted) AS
  (Sorted[(len(Sorted) + 1) // 2] + Sorted[len(Sorted) // 2 + 1]) / 2;

-- Quartiles are the medians of the two halves, the median itself left out where the list is of odd length.
CREATE OR REPLACE TEMP MACRO beacon_lower_quartile(Sorted) AS
  (Sorted[(len(Sorted) // 2 + 1) // 2] + Sorted[len(Sorted) // 2 // 2 + 1]) / 2;
CREATE OR REPLACE TEMP MACRO beacon_upper_quartile(Sorted) AS
  (Sorted[len(Sorted) - len(Sorted) // 2 + (len(Sorted) // 2 + 1) // 2]
    + Sorted[len(Sorted) - len(Sorted) // 2 + len(Sorted) // 2 // 2 + 1]) / 2;

-- Bowley's skewness of three quartiles: 0 for a distribution that leans to neither side, or has no width.
CREATE OR REPLACE TEMP MACRO beacon_bowley(Q1, Q2, Q3) AS
  CASE WHEN Q3 > Q1 THEN (Q1 + Q3 - 2 * Q2) / (Q3 - Q1) ELSE 0.0::DOUBLE END;

-- At most 128 elements, evenly spaced in the list: what a choice between intervals is made on.
CREATE OR REPLACE TEMP MACRO beacon_sketch(Sorted) AS
  CASE
    WHEN len(Sorted) <= 128 THEN Sorted
    ELSE list_select(Sorted, list_transform(range(128), lambda i: i * len(Sorted) // 128 + 1))
  END;

-- How many intervals a gap spans: the nearest whole number, at least one.
CREATE OR REPLACE TEMP MACRO beacon_steps(Gap, "Interval") AS greatest(1, floor(Gap / "Interval" + 0.5));

-- How well an interval explains the gaps, 0 to 1: each counts that lies near a whole multiple of it, a gap of k
-- intervals as 1 / sqrt(k). Half of the true interval has the same multiples and more, but needs twice the steps.
CREATE OR REPLACE TEMP MACRO beacon_fit(Gaps, "Interval", Tolerance) AS
  list_avg(
    list_transform(
      Gaps,
      lambda gap: CASE
        WHEN abs(gap - beacon_steps(gap, "Interval") * "Interval") <= Tolerance * "Interval"
          THEN 1 / sqrt(beacon_steps(gap, "Interval"))
        ELSE 0.0::DOUBLE
      END
    )
  );

-- The square of a gap's distance from the whole multiple of the interval nearest to it, as a share of the interval; of
-- k intervals, each of which varies, a k-th.
CREATE OR REPLACE TEMP MACRO beacon_deviation(Gap, "Interval") AS
  (Gap / "Interval" - beacon_steps(Gap, "Interval")) * (Gap / "Interval" - beacon_steps(Gap, "Interval"))
    / beacon_steps(Gap, "Interval");
