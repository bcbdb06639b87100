-- IPv4 addresses as whole numbers, with an optional /prefix.

-- The one-element list holds the numbers, which would otherwise be sought in the text four times.
CREATE OR REPLACE TEMP MACRO kql_ipv4_address(s) AS
    CASE WHEN kql_is_ipv4(s)
        THEN list_transform(
            [string_split(split_part(s, '/', 1), '.')::BIGINT[]],
            lambda o: o[1] * 16777216 + o[2] * 65536 + o[3] * 256 + o[4])[1]
    END;
CREATE OR REPLACE TEMP MACRO kql_is_ipv4(s) AS
    regexp_full_match(s, '((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)(/(3[0-2]|[0-2]?\d))?');
CREATE OR REPLACE TEMP MACRO kql_ipv4_prefix(s) AS
    CASE WHEN contains(s, '/') THEN TRY_CAST(split_part(s, '/', 2) AS BIGINT) ELSE 32 END;
CREATE OR REPLACE TEMP MACRO kql_ipv4_masked(address, prefix) AS
    CASE WHEN prefix BETWEEN 0 AND 32 AND address BETWEEN 0 AND 4294967295
        THEN kql_ipv4_bits(address, prefix) << kql_ipv4_free(prefix) END;

-- What a prefix leaves of an address, as a number: its first `prefix` bits; and how many bits it leaves free.
CREATE OR REPLACE TEMP MACRO kql_ipv4_bits(address, prefix) AS (address) >> kql_ipv4_free(prefix);
CREATE OR REPLACE TEMP MACRO kql_ipv4_free(prefix) AS (32 - least(greatest(prefix, 0), 32))::INTEGER;
-- The first and the last address of a network, or of an address alone.
CREATE OR REPLACE TEMP MACRO kql_ipv4(s) AS
    kql_ipv4_bits(kql_ipv4_address(s), kql_ipv4_prefix(s)) << kql_ipv4_free(kql_ipv4_prefix(s));
CREATE OR REPLACE TEMP MACRO kql_ipv4_last(s) AS
    ((kql_ipv4_bits(kql_ipv4_address(s), kql_ipv4_prefix(s)) + 1) << kql_ipv4_free(kql_ipv4_prefix(s))) - 1;

-- Both at once, as a list of one: little more than half the time.
CREATE OR REPLACE TEMP MACRO kql_ipv4_ends(s) AS
    list_transform(
        [{'address': kql_ipv4_address(s), 'free': kql_ipv4_free(kql_ipv4_prefix(s))}],
        lambda x: {'first': x.address >> x.free << x.free, 'last': ((x.address >> x.free) + 1 << x.free) - 1});

-- A prefix that is none makes null of it all: `least` would pass over it.
CREATE OR REPLACE TEMP MACRO kql_ipv4_by_prefix(s, prefix) AS
    CASE WHEN prefix BETWEEN 0 AND 32
        THEN kql_ipv4_masked(kql_ipv4_address(s), least(kql_ipv4_prefix(s), prefix)) END;

-- By the shortest of the prefixes; null where one is no address.
CREATE OR REPLACE TEMP MACRO kql_ipv4_compare(a, b, prefix) AS
    CASE WHEN prefix BETWEEN 0 AND 32 THEN
        sign(kql_ipv4_bits(kql_ipv4_address(a), least(kql_ipv4_prefix(a), kql_ipv4_prefix(b), prefix))
            - kql_ipv4_bits(kql_ipv4_address(b), least(kql_ipv4_prefix(a), kql_ipv4_prefix(b), prefix)))::BIGINT
    END;

-- Whether one of many ranges holds it; null for what is no address. Networks hold each other or lie apart, so that two meet
-- where neither ends before the other begins.
CREATE OR REPLACE TEMP MACRO kql_ipv4_in_any(s, ranges) AS
    list_transform(
        [{'first': kql_ipv4(s), 'last': kql_ipv4_last(s), 'ranges': ranges}],
        lambda x: CASE WHEN x.first IS NOT NULL
            THEN len(list_filter(x.ranges, lambda r: x.first <= r.last AND x.last >= r.first)) > 0 END)[1];
CREATE OR REPLACE TEMP MACRO kql_ipv4_ranges(texts) AS
    list_transform(texts, lambda r: {'first': kql_ipv4(r), 'last': kql_ipv4_last(r)});

CREATE OR REPLACE TEMP MACRO kql_ipv4_is_private(s) AS
    CASE WHEN kql_is_ipv4(s)
        THEN regexp_matches(s, '^(0?10\.|172\.0?(1[6-9]|2\d|3[01])\.|192\.168\.)') END;

CREATE OR REPLACE TEMP MACRO kql_format_ipv4(address, prefix) AS
    (kql_ipv4_masked(address, prefix) // 16777216)::VARCHAR || '.'
    || ((kql_ipv4_masked(address, prefix) // 65536) % 256)::VARCHAR || '.'
    || ((kql_ipv4_masked(address, prefix) // 256) % 256)::VARCHAR || '.'
    || (kql_ipv4_masked(address, prefix) % 256)::VARCHAR;
