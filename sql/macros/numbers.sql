-- Integers that wrap, as Kusto's do; and conversions that give null where a cast would raise.

CREATE OR REPLACE TEMP MACRO kql_abs(n) AS wrap_long(abs(n::HUGEINT));

-- Never negative, whatever the signs; null for a divisor of zero.
CREATE OR REPLACE TEMP MACRO kql_modulo(a, b) AS
    (((a::HUGEINT % nullif(abs(b::HUGEINT), 0)) + abs(b::HUGEINT)) % nullif(abs(b::HUGEINT), 0))::BIGINT;

CREATE OR REPLACE TEMP MACRO kql_modulo_real(a, b) AS
    CASE WHEN b = 0 THEN 'nan'::DOUBLE ELSE ((a % abs(b)) + abs(b)) % abs(b) END;

CREATE OR REPLACE TEMP MACRO kql_divide(a, b) AS
    CASE WHEN b = -1 THEN wrap_long(-(a::HUGEINT)) ELSE a // nullif(b, 0) END;

-- Counted from zero, towards minus infinity; wide, which takes fifty times as long, where a step may leave the range of longs.
CREATE OR REPLACE TEMP MACRO kql_bin(n, step) AS
    CASE
        WHEN step BETWEEN 1 AND 4611686018427387904 AND n >= (step) - 9223372036854775807
            THEN (n - ((n % step) + step) % step)::BIGINT
        WHEN step > 0 THEN kql_bin_wide(n, step, 0)
    END;
CREATE OR REPLACE TEMP MACRO kql_bin_at(n, step, point) AS
    CASE
        WHEN step BETWEEN 1 AND 4611686018427387904 AND n BETWEEN -2305843009213693952 AND 2305843009213693952
            AND point BETWEEN -2305843009213693952 AND 2305843009213693952
            THEN (n - (((n - point) % step) + step) % step)::BIGINT
        WHEN step > 0 THEN kql_bin_wide(n, step, point)
    END;
CREATE OR REPLACE TEMP MACRO kql_bin_wide(n, step, point) AS
    wrap_long(n::HUGEINT - (((n::HUGEINT - point) % step) + step) % step);
CREATE OR REPLACE TEMP MACRO kql_bin_real(x, step) AS CASE WHEN step >= 0 THEN floor(x / step) * step END;

-- A whole number to tens, hundreds and so on, half away from zero; digits after the point leave it as it is.
CREATE OR REPLACE TEMP MACRO kql_round_long(n, digits) AS
    CASE
        WHEN digits >= 0 THEN n
        ELSE wrap_long(
            sign(n) * ((abs((n)::HUGEINT) + pow(10, least(-(digits), 20))::HUGEINT // 2) // pow(10, least(-(digits), 20))::HUGEINT)
            * pow(10, least(-(digits), 20))::HUGEINT)
    END;

CREATE OR REPLACE TEMP MACRO kql_sqrt(x) AS CASE WHEN x < 0 THEN 'nan'::DOUBLE ELSE sqrt(x) END;
CREATE OR REPLACE TEMP MACRO kql_log(x) AS
    CASE WHEN x < 0 THEN NULL WHEN x = 0 THEN '-inf'::DOUBLE ELSE ln(x) END;
CREATE OR REPLACE TEMP MACRO kql_log2(x) AS
    CASE WHEN x < 0 THEN NULL WHEN x = 0 THEN '-inf'::DOUBLE ELSE log2(x) END;
CREATE OR REPLACE TEMP MACRO kql_log10(x) AS
    CASE WHEN x < 0 THEN NULL WHEN x = 0 THEN '-inf'::DOUBLE ELSE log10(x) END;

-- By as many bits as the count leaves of 64; null for a negative count.
CREATE OR REPLACE TEMP MACRO kql_shift_left(n, by_bits) AS
    CASE WHEN by_bits >= 0
        THEN wrap_long(((n)::HUGEINT * pow(2, (by_bits) & 63)::HUGEINT) % 18446744073709551616::HUGEINT) END;
CREATE OR REPLACE TEMP MACRO kql_shift_right(n, by_bits) AS
    CASE WHEN by_bits >= 0 THEN (n)::BIGINT >> ((by_bits)::BIGINT & 63) END;

-- 1,048,576 values at most.
CREATE OR REPLACE TEMP MACRO kql_range(first, last, step) AS
    CASE
        WHEN step = 0 OR first IS NULL OR last IS NULL THEN []
        ELSE list_transform(
            range(0, least(greatest(0, ((last::HUGEINT - first) // step) + CASE WHEN (last >= first) = (step > 0) OR last = first THEN 1 ELSE 0 END), 1048576)::BIGINT),
            lambda i: first + i * step)
    END;

-- Beyond the range, the nearest end of it; no number of infinity.
CREATE OR REPLACE TEMP MACRO kql_real_long(x) AS
    CASE
        WHEN isnan(x) OR isinf(x) THEN NULL
        WHEN x >= 9223372036854775807 THEN 9223372036854775807
        WHEN x <= -9223372036854775808 THEN -9223372036854775808
        ELSE TRY_CAST(trunc(x) AS BIGINT)
    END;
CREATE OR REPLACE TEMP MACRO kql_real_int(x) AS
    CASE
        WHEN isnan(x) OR isinf(x) THEN NULL
        WHEN x >= 2147483647 THEN 2147483647
        WHEN x <= -2147483648 THEN -2147483648
        ELSE TRY_CAST(trunc(x) AS INTEGER)
    END;

-- The low 32 bits.
CREATE OR REPLACE TEMP MACRO kql_long_int(n) AS
    (((((n) % 4294967296) + 6442450944) % 4294967296) - 2147483648)::INTEGER;

-- Blanks of every kind at both ends count for nothing.
CREATE OR REPLACE TEMP MACRO kql_trim(s) AS trim(s, E' \t\r\n');

-- A whole number, decimal or hexadecimal; anything else is null.
CREATE OR REPLACE TEMP MACRO kql_string_long(s) AS
    CASE
        WHEN regexp_full_match(s, '\s*[+-]?[0-9]+\s*') THEN TRY_CAST(kql_trim(s) AS BIGINT)
        WHEN regexp_full_match(s, '0[xX][0-9a-fA-F]{1,16}')
            THEN wrap_long(TRY_CAST(lower(s) AS UBIGINT)::HUGEINT)
    END;

CREATE OR REPLACE TEMP MACRO kql_string_real(s) AS
    CASE
        WHEN regexp_full_match(s, '\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*') THEN TRY_CAST(kql_trim(s) AS DOUBLE)
        WHEN lower(kql_trim(s)) = 'nan' THEN 'nan'::DOUBLE
        WHEN regexp_full_match(kql_trim(s), '[+]?([iI]nfinity|[iI]nf)') THEN 'inf'::DOUBLE
        WHEN regexp_full_match(kql_trim(s), '-([iI]nfinity|[iI]nf)') THEN '-inf'::DOUBLE
    END;

CREATE OR REPLACE TEMP MACRO kql_string_bool(s) AS
    CASE
        WHEN lower(kql_trim(s)) = 'true' THEN TRUE
        WHEN lower(kql_trim(s)) = 'false' THEN FALSE
        ELSE kql_string_long(s) <> 0
    END;

-- The text that .NET gives a real: the shortest digits that read back the same, with an exponent from 1e15 on where there
-- are fewer digits than places.
CREATE OR REPLACE TEMP MACRO kql_real_text(x) AS
    CASE
        WHEN isnan(x) THEN 'NaN'
        WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
        WHEN x = trunc(x) AND abs(x) < 1e15 THEN (x::BIGINT)::VARCHAR || '.0'
        WHEN abs(x) < 1e16 AND x = trunc(x) AND x::BIGINT % 10 = 0
            THEN replace(regexp_replace((x::BIGINT)::VARCHAR, '^(-?\d)(\d*?)0*$', '\1.\2E+15'), '.E', 'E')
        WHEN abs(x) < 1e17 AND length(ltrim(x::VARCHAR, '-')) = length('1.2345678901234567e+16')
            THEN replace(split_part(x::VARCHAR, 'e', 1), '.', '') || '.0'
        ELSE upper(x::VARCHAR)
    END;

CREATE OR REPLACE TEMP MACRO kql_bool_text(b) AS CASE WHEN b THEN 'True' WHEN NOT b THEN 'False' END;

CREATE OR REPLACE TEMP MACRO kql_real_json(x) AS
    CASE WHEN isnan(x) OR isinf(x) THEN to_json(kql_real_text(x)) ELSE to_json(x) END;

-- A decimal without the zeros that its scale adds.
CREATE OR REPLACE TEMP MACRO kql_decimal_text(d) AS
    CASE WHEN contains((d)::VARCHAR, '.') THEN rtrim(rtrim((d)::VARCHAR, '0'), '.') ELSE (d)::VARCHAR END;

-- Of the digits that a real is written with: a cast gives those of its binary fraction.
CREATE OR REPLACE TEMP MACRO kql_real_decimal(x) AS TRY_CAST((x)::VARCHAR AS DECIMAL(38, 17));
-- The engine's mean of decimals is a real. Counted here in units of the last digit that is held.
CREATE OR REPLACE TEMP MACRO kql_decimal_mean(total, count) AS
    kql_decimal_of_units(replace((total)::VARCHAR, '.', '')::HUGEINT // (count));
CREATE OR REPLACE TEMP MACRO kql_decimal_of_units(n) AS
    (n // 100000000000000000)::DECIMAL(38, 17)
    + (n % 100000000000000000)::DECIMAL(17, 0) * 0.00000000000000001::DECIMAL(18, 17);

CREATE OR REPLACE TEMP MACRO kql_gamma(x) AS
    CASE WHEN x = 0 THEN 'inf'::DOUBLE WHEN x < 0 AND x = trunc(x) THEN 'nan'::DOUBLE ELSE gamma(x) END;

-- Of pairs of a value and its weight, that of the least value up to which the weights make the percentage of them all.
CREATE OR REPLACE TEMP MACRO kql_percentile_weighted(list, percent) AS
    list_reduce(
        list_sort(list),
        lambda found, next: CASE
            WHEN found['sum'] >= percent * list_sum(list_transform(list, lambda each: each['weight'])) / 100 THEN found
            ELSE {'x': next['x'], 'weight': next['weight'], 'sum': found['sum'] + next['weight']}
        END);

-- 32 hexadecimal digits, with hyphens or without; what follows them does not count.
CREATE OR REPLACE TEMP MACRO kql_string_guid(s) AS
    coalesce(
        TRY_CAST(s AS UUID),
        TRY_CAST(nullif(regexp_extract(s, '^[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}'), '') AS UUID)
    );
