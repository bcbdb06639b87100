-- The parts of a series, and how far its values lie outside of what is ordinary for it.
-- A list of one element holds what would otherwise be computed anew for each element of another.

-- The numbers of a series that can be taken apart. Of one that has gaps, or is too short, no page says what its parts are.
CREATE OR REPLACE TEMP MACRO kql_divisible(d, period, trend, tested) AS
    CASE
        WHEN json_type(d) <> 'ARRAY' THEN NULL
        WHEN NOT kql_all_numbers(kql_array(d))
            THEN kql_error('a series with gaps cannot be decomposed: fill them first, as with series_fill_linear()')::DOUBLE[]
        WHEN json_array_length(d) > 0
                AND json_array_length(d)::BIGINT - tested < greatest(period, CASE trend WHEN 'linefit' THEN 2 ELSE 1 END)
            THEN kql_error('a series of ' || json_array_length(d) || ' points, less ' || tested
                || ' that are not learnt from, cannot be decomposed with a period of ' || period || ' and a trend of ' || trend
                || ': leave it out first, by array_length()')::DOUBLE[]
        ELSE kql_series(d)
    END;

-- The median of each phase of the period, over what is learnt from; 0 is no period.
CREATE OR REPLACE TEMP MACRO kql_phases(learnt, period) AS
    CASE WHEN period = 0 THEN [0::DOUBLE] ELSE list_transform(
        range(1, period + 1),
        lambda first: list_aggregate(list_slice(learnt, first, len(learnt), period), 'median')) END;

-- What is left without the seasonal part, as a line over the positions 0, 1, 2, …
CREATE OR REPLACE TEMP MACRO kql_line(y) AS
    list_transform(
        [{mean: list_avg(y), middle: (len(y) - 1) / 2}],
        lambda center: {
            center: center,
            slope: list_sum(list_transform(y, lambda value, i: (i - 1 - center.middle) * (value - center.mean)))
                / (len(y)::DOUBLE * (len(y)::DOUBLE * len(y) - 1) / 12)
        })[1];
CREATE OR REPLACE TEMP MACRO kql_trend(rest, trend) AS
    CASE trend
        WHEN 'none' THEN {intercept: 0::DOUBLE, slope: 0::DOUBLE}
        WHEN 'avg' THEN {intercept: list_avg(rest), slope: 0::DOUBLE}
        ELSE list_transform(
            [kql_line(rest)],
            lambda line: {intercept: line.center.mean - line.slope * line.center.middle, slope: line.slope})[1]
    END;

-- Each point's value, seasonal part and trend. `tested` points at the end are not learnt from.
CREATE OR REPLACE TEMP MACRO kql_decomposed(d, period, trend, tested) AS
    list_transform(
        [kql_divisible(d, period, trend, tested)],
        lambda x: list_transform(
            [list_slice(x, 1, len(x) - tested)],
            lambda learnt: list_transform(
                [kql_phases(learnt, period)],
                lambda phases: list_transform(
                    [kql_trend(list_transform(learnt, lambda value, i: value - phases[(i - 1) % len(phases) + 1]), trend)],
                    lambda line: list_transform(x, lambda value, i: {
                        x: value,
                        seasonal: phases[(i - 1) % len(phases) + 1],
                        trend: line.intercept + line.slope * (i - 1)
                    }))[1])[1])[1])[1];

CREATE OR REPLACE TEMP MACRO kql_baseline(points) AS
    kql_series_json(list_transform(points, lambda point: point.seasonal + point.trend));
CREATE OR REPLACE TEMP MACRO kql_residual(points) AS
    list_transform(points, lambda point: point.x - (point.seasonal + point.trend));
CREATE OR REPLACE TEMP MACRO kql_series_forecast(d, period, trend, tested) AS
    kql_baseline(kql_decomposed(d, period, trend, tested));
CREATE OR REPLACE TEMP MACRO kql_series_seasonal(d, period) AS
    kql_series_json(list_transform(kql_decomposed(d, period, 'none', 0), lambda point: point.seasonal));
CREATE OR REPLACE TEMP MACRO kql_series_decompose(d, period, trend, tested) AS
    list_transform(
        [kql_decomposed(d, period, trend, tested)],
        lambda points: CASE WHEN points IS NOT NULL THEN json_object(
            'baseline', kql_baseline(points),
            'seasonal', kql_series_json(list_transform(points, lambda point: point.seasonal)),
            'trend', kql_series_json(list_transform(points, lambda point: point.trend)),
            'residual', kql_series_json(kql_residual(points))) END)[1];

-- How far each value lies outside of the range from one quantile to the other, in widths of it; nulls do not. The factor, which
-- makes the scores of both methods alike, is that of the engine's published answers: https://stackoverflow.com/q/75264555
CREATE OR REPLACE TEMP MACRO kql_scores(list, method) AS
    list_transform(
        [CASE method
            WHEN 'tukey' THEN {low: kql_quantile(list, 0.25), high: kql_quantile(list, 0.75), factor: 1::DOUBLE}
            ELSE {low: kql_quantile(list, 0.1), high: kql_quantile(list, 0.9), factor: 2.772605605507915::DOUBLE}
        END],
        lambda fence: list_transform(list, lambda x: CASE
            WHEN x > fence.high THEN kql_fence_score(x - fence.high, fence)
            WHEN x < fence.low THEN kql_fence_score(x - fence.low, fence)
            ELSE 0
        END))[1];
CREATE OR REPLACE TEMP MACRO kql_quantile(list, share) AS list_aggregate(list, 'quantile_cont', share);
CREATE OR REPLACE TEMP MACRO kql_fence_score(distance, fence) AS
    CASE WHEN fence.high > fence.low THEN distance / (fence.high - fence.low) * fence.factor
        ELSE kql_error('a series most of whose values are the same has no range to score the others by: leave such series out first, '
            || 'as with mv-apply x = series to typeof(real) on (summarize p = percentiles_array(x, 10, 90)) '
            || '| where todouble(p[0]) < todouble(p[1])')::DOUBLE END;
CREATE OR REPLACE TEMP MACRO kql_series_outliers(d, method, ignored) AS
    list_transform(
        [list_transform(kql_series(d), lambda x: CASE WHEN x IS DISTINCT FROM ignored THEN x END)],
        lambda list: kql_series_json(kql_scores(list, method)))[1];
CREATE OR REPLACE TEMP MACRO kql_series_anomalies(d, period, trend, tested, threshold, method) AS
    list_transform(
        [kql_decomposed(d, period, trend, tested)],
        lambda points: list_transform(
            [kql_residual(points)],
            lambda residual: list_transform(
                [kql_scores(residual, method)],
                lambda scores: CASE WHEN points IS NOT NULL THEN json_object(
                    'ad_flag', to_json(list_transform(scores, lambda score:
                        CASE WHEN score > threshold THEN 1 WHEN score < -threshold THEN -1 ELSE 0 END)),
                    'ad_score', kql_series_json(scores),
                    'baseline', kql_baseline(points)) END)[1])[1])[1];
