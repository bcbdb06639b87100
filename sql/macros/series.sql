-- Series are JSON arrays of numbers; what is no number is null.

CREATE OR REPLACE TEMP MACRO kql_series(d) AS list_transform(kql_array(d), lambda x: kql_dynamic_number(x));
-- The elements side by side; a single number stands for a series of it.
CREATE OR REPLACE TEMP MACRO kql_series_pairs(a, b) AS
    list_zip(kql_each(a, kql_series_length(a, b)), kql_each(b, kql_series_length(a, b)));
CREATE OR REPLACE TEMP MACRO kql_whole_number(x) AS
    CASE WHEN json_type(x) IN ('BIGINT', 'UBIGINT') THEN TRY_CAST(x AS HUGEINT) END;
CREATE OR REPLACE TEMP MACRO kql_series_length(a, b) AS
    greatest(coalesce(json_array_length(a), 0), coalesce(json_array_length(b), 0))::BIGINT;

CREATE OR REPLACE TEMP MACRO kql_series_json(list) AS to_json(list_transform(list, lambda x: kql_real_json(x)));

-- A number may stand for what is missing, null does otherwise.
CREATE OR REPLACE TEMP MACRO kql_series_misses(x, gap) AS
    CASE WHEN (gap) IS NULL THEN json_type(x) = 'NULL' ELSE coalesce(kql_dynamic_number(x) = (gap), FALSE) END;
-- What is there, each with its place and repeated up to the next: a list is not walked anew for each of its elements.
CREATE OR REPLACE TEMP MACRO kql_series_present(list, gap) AS
    list_filter(
        list_transform(list, lambda x, i: {x: x, i: i}),
        lambda place: NOT kql_series_misses(place.x, gap));
CREATE OR REPLACE TEMP MACRO kql_series_repeated(list, present) AS
    list[:coalesce(present[1].i, len(list) + 1) - 1] || flatten(list_transform(
        list_zip(present, list_append(present[2:], {x: NULL::JSON, i: len(list) + 1}), TRUE),
        lambda pair: list_resize([pair[1].x], pair[2].i - pair[1].i, pair[1].x)));
CREATE OR REPLACE TEMP MACRO kql_list_fill_forward(list, gap) AS
    kql_series_repeated(list, kql_series_present(list, gap));
CREATE OR REPLACE TEMP MACRO kql_series_fill_forward(d, gap) AS
    to_json(kql_list_fill_forward(kql_array(d), gap));
CREATE OR REPLACE TEMP MACRO kql_series_fill_backward(d, gap) AS
    to_json(list_reverse(kql_list_fill_forward(list_reverse(kql_array(d)), gap)));
CREATE OR REPLACE TEMP MACRO kql_series_fill_const(d, x, gap) AS
    to_json(list_transform(kql_array(d), lambda v: CASE WHEN kql_series_misses(v, gap) THEN x ELSE v END));

CREATE OR REPLACE TEMP MACRO kql_series_pearson(a, b) AS
    CASE WHEN len(kql_array(a)) = len(kql_array(b)) AND kql_all_numbers(kql_array(a)) AND kql_all_numbers(kql_array(b))
        THEN kql_correlation(kql_deviations(kql_series(a)), kql_deviations(kql_series(b))) END;
-- The one-element list holds the mean, which would otherwise be computed anew for every element.
CREATE OR REPLACE TEMP MACRO kql_deviations(list) AS
    list_transform([list_avg(list)], lambda middle: list_transform(list, lambda x: x - middle))[1];
CREATE OR REPLACE TEMP MACRO kql_correlation(a, b) AS
    list_sum(list_transform(list_zip(a, b), lambda pair: pair[1] * pair[2]))
    / sqrt(list_sum(list_transform(a, lambda x: x * x)) * list_sum(list_transform(b, lambda x: x * x)));
