-- Datetimes are TIMESTAMP (microseconds, UTC); timespans are whole ticks of 100 ns.

CREATE OR REPLACE TEMP MACRO kql_datetime_ticks(t) AS epoch_us(t) * 10 + 621355968000000000;

CREATE OR REPLACE TEMP MACRO kql_in_range(micros) AS
    CASE WHEN micros BETWEEN -62135596800000000 AND 253402300799999999 THEN make_timestamp(micros) END;

CREATE OR REPLACE TEMP MACRO kql_ticks_datetime(ticks) AS
    CASE WHEN ticks BETWEEN 0 AND 3155378975999999999 THEN make_timestamp((ticks - 621355968000000000) // 10) END;

CREATE OR REPLACE TEMP MACRO kql_datetime_plus(t, ticks) AS kql_in_range(epoch_us(t) + (ticks) // 10);
CREATE OR REPLACE TEMP MACRO kql_datetime_minus(t, ticks) AS kql_in_range(epoch_us(t) - (ticks) // 10);

-- Beyond Kusto's years there is no datetime.
CREATE OR REPLACE TEMP MACRO kql_in_years(t) AS
    CASE WHEN t BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN t END;

CREATE OR REPLACE TEMP MACRO kql_later(t, span) AS
    CASE WHEN t <= TIMESTAMP '9999-12-31 23:59:59.999999' - span THEN t + span END;
CREATE OR REPLACE TEMP MACRO kql_earlier(t, span) AS CASE WHEN t >= TIMESTAMP '0001-01-01' + span THEN t - span END;

-- So many steps later; only as many as the engine's own, wider years take.
CREATE OR REPLACE TEMP MACRO kql_steps_later(t, steps, step) AS
    CASE WHEN (steps) BETWEEN -4000000 AND 4000000 THEN kql_in_years(t + TRY_CAST(steps AS INTEGER) * (step)) END;

CREATE OR REPLACE TEMP MACRO kql_spans_later(t, count, span) AS
    kql_in_range(TRY_CAST(epoch_us(t)::HUGEINT + (count)::HUGEINT * (span) // 10 AS BIGINT));

CREATE OR REPLACE TEMP MACRO kql_startofweek(t) AS
    kql_in_years(date_trunc('day', t) - to_days(dayofweek(t)::INTEGER));

-- The real engine knows no day of the week for the last day that it has.
CREATE OR REPLACE TEMP MACRO kql_dayofweek(t) AS
    CASE WHEN t < TIMESTAMP '9999-12-31' THEN dayofweek(t) * 864000000000 END;

CREATE OR REPLACE TEMP MACRO kql_bin_datetime(t, step) AS
    CASE
        WHEN (step) >= 10 THEN kql_in_range(epoch_us(t) - (epoch_us(t) + 62135596800000000) % ((step) // 10))
        -- Steps that end where microseconds do.
        WHEN (step) IN (1, 2, 5) THEN t
    END;

CREATE OR REPLACE TEMP MACRO kql_unix_datetime(n, factor) AS kql_in_range(TRY_CAST(trunc((n) * factor) AS BIGINT));

CREATE OR REPLACE TEMP MACRO kql_make_datetime(y, m, d, h, mi, s) AS
    CASE
        WHEN y BETWEEN 1 AND 9999 AND m BETWEEN 1 AND 12 AND d BETWEEN 1 AND 31
            AND h BETWEEN 0 AND 23 AND mi BETWEEN 0 AND 59 AND s >= 0 AND s < 60
            AND TRY_CAST(printf('%04d-%02d-%02d', y::INTEGER, m::INTEGER, d::INTEGER) AS DATE) IS NOT NULL
            THEN TRY_CAST(printf('%04d-%02d-%02d', y::INTEGER, m::INTEGER, d::INTEGER) AS TIMESTAMP)
                + to_microseconds(((h)::BIGINT * 60 + mi) * 60000000 + round((s) * 10000000)::BIGINT // 10)
    END;

CREATE OR REPLACE TEMP MACRO kql_make_timespan(days, hours, minutes, seconds) AS
    CASE
        WHEN hours BETWEEN 0 AND 23 AND minutes BETWEEN 0 AND 59 AND seconds >= 0 AND seconds < 60
            THEN TRY_CAST((((days)::HUGEINT * 24 + (hours)) * 60 + (minutes)) * 600000000 + TRY_CAST(round((seconds) * 10000000) AS BIGINT) AS BIGINT)
    END;

-- Seven digits, as Kusto prints; the seventh is beyond what is stored.
CREATE OR REPLACE TEMP MACRO kql_datetime_text(t) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%f') || '0Z';

-- Of each part the size: the least timespan as a whole has none.
CREATE OR REPLACE TEMP MACRO kql_timespan_text(ticks) AS
    CASE WHEN ticks < 0 THEN '-' ELSE '' END
    || CASE WHEN (ticks) // 864000000000 <> 0 THEN abs((ticks) // 864000000000)::VARCHAR || '.' ELSE '' END
    || lpad(abs(((ticks) // 36000000000) % 24)::VARCHAR, 2, '0') || ':'
    || lpad(abs(((ticks) // 600000000) % 60)::VARCHAR, 2, '0') || ':'
    || lpad(abs(((ticks) // 10000000) % 60)::VARCHAR, 2, '0')
    || CASE WHEN (ticks) % 10000000 = 0 THEN '' ELSE '.' || lpad(abs((ticks) % 10000000)::VARCHAR, 7, '0') END;

-- ISO 8601 with or without a zone, month/day/year, RFC 822 and 850; anything else is null.
CREATE OR REPLACE TEMP MACRO kql_string_datetime(s) AS
    CASE
        WHEN regexp_full_match(kql_trim(s), '\d{4}-\d{1,2}-\d{1,2}([T ]+\d{1,2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?\s*([Zz]|GMT|[+-]\d{2}:?\d{2})?')
            THEN kql_in_range(
                epoch_us(TRY_CAST(regexp_replace(
                    regexp_extract(kql_trim(s), '^\d{4}-\d{1,2}-\d{1,2}([T ]+\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?'),
                    '([T ]\d{1,2}:\d{2})$', '\1:00') AS TIMESTAMP))
                - kql_zone_micros(regexp_extract(kql_trim(s), ':.*?([+-]\d{2}:?\d{2})$', 1)))
        WHEN regexp_full_match(kql_trim(s), '\d{4}(-\d{1,2})?')
            THEN kql_in_years(TRY_CAST(kql_trim(s) || CASE WHEN length(kql_trim(s)) = 4 THEN '-01-01' ELSE '-01' END AS TIMESTAMP))
        WHEN regexp_full_match(kql_trim(s), '\d{1,2}[/-]\d{1,2}[/-]\d{4}( \d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?( ?[AaPp][Mm])?)?')
            THEN TRY_STRPTIME(replace(kql_trim(s), '-', '/'), [
                '%m/%d/%Y %H:%M:%S', '%m/%d/%Y', '%m/%d/%Y %H:%M', '%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y %I:%M %p', '%m/%d/%Y %H:%M:%S.%f'])
        WHEN regexp_full_match(kql_trim(s), '([A-Za-z]{3,9}, )?\d{1,2}[ -][A-Za-z]{3}[ -](\d{2}|\d{4}) \d{1,2}:\d{2}(:\d{2})?( GMT)?')
            THEN TRY_STRPTIME(
                regexp_replace(kql_trim(s), '^(?:\w+, )?(\d+).(\w+).(\d+) ([\d:]+).*$', '\1 \2 \3 \4'),
                ['%d %b %y %H:%M:%S', '%d %b %y %H:%M', '%d %b %Y %H:%M:%S', '%d %b %Y %H:%M'])
    END;
CREATE OR REPLACE TEMP MACRO kql_zone_micros(zone) AS
    CASE WHEN zone = '' THEN 0
        ELSE CASE WHEN zone[1] = '-' THEN -1 ELSE 1 END
            * (zone[2:3]::BIGINT * 60 + zone[-2:]::BIGINT) * 60000000 END;

-- The units of a literal.
CREATE OR REPLACE TEMP MACRO kql_unit_ticks(unit) AS
    CASE
        WHEN unit IN ('d', 'day', 'days') THEN 864000000000
        WHEN unit IN ('h', 'hr', 'hrs', 'hour', 'hours') THEN 36000000000
        WHEN unit IN ('m', 'min', 'minute', 'minutes') THEN 600000000
        WHEN unit IN ('s', 'sec', 'second', 'seconds') THEN 10000000
        WHEN unit IN ('ms', 'milli', 'millis', 'millisec', 'millisecond', 'milliseconds') THEN 10000
        WHEN unit IN ('micro', 'micros', 'microsec', 'microsecond', 'microseconds') THEN 10
        WHEN unit IN ('nano', 'nanos', 'nanosec', 'nanosecond', 'nanoseconds') THEN 0.01
        WHEN unit IN ('tick', 'ticks') THEN 1
    END;
CREATE OR REPLACE TEMP MACRO kql_days(s) AS
    CASE WHEN s = '' THEN 0 WHEN length(s) <= 9 THEN s::HUGEINT * 864000000000 END;
-- `1.02:03:04.5`, `1d`, `90m`, …; what is longer than a timespan can be is null.
CREATE OR REPLACE TEMP MACRO kql_string_timespan(s) AS
    CASE
        WHEN regexp_full_match(kql_trim(s), '-?(\d+\.)?\d{1,2}:\d{1,2}(:\d{1,2}(\.\d{1,7})?)?')
            THEN TRY_CAST(CASE WHEN kql_trim(s)[1] = '-' THEN -1 ELSE 1 END * (
                kql_days(regexp_extract(kql_trim(s), '^-?(\d+)\.\d{1,2}:', 1))
                + regexp_extract(kql_trim(s), '(\d{1,2}):\d{1,2}', 1)::BIGINT * 36000000000
                + regexp_extract(kql_trim(s), '\d{1,2}:(\d{1,2})', 1)::BIGINT * 600000000
                + coalesce(TRY_CAST(regexp_extract(kql_trim(s), ':\d{1,2}:(\d{1,2})', 1) AS BIGINT), 0) * 10000000
                + coalesce(TRY_CAST(rpad(nullif(regexp_extract(kql_trim(s), ':\d{1,2}:\d{1,2}\.(\d{1,7})$', 1), ''), 7, '0') AS BIGINT), 0)) AS BIGINT)
        WHEN regexp_full_match(kql_trim(s), '-?\d+(\.\d+)?\s*[A-Za-z]+')
            THEN TRY_CAST(round(regexp_extract(kql_trim(s), '^-?\d+(\.\d+)?')::DOUBLE
                * kql_unit_ticks(lower(regexp_extract(kql_trim(s), '[A-Za-z]+$')))) AS BIGINT)
        WHEN regexp_full_match(kql_trim(s), '-?\d{1,8}') THEN TRY_CAST(kql_days(kql_trim(s)) AS BIGINT)
    END;

-- A time that the clock leaps over in spring is read by the summer's offset; of one that comes twice, the later is meant.
CREATE OR REPLACE TEMP MACRO kql_local_to_utc(t, zone) AS
    kql_in_years((t AT TIME ZONE zone AT TIME ZONE 'UTC') - (((t AT TIME ZONE zone) AT TIME ZONE zone) - t));
