-- IPv4 addresses as whole numbers, with an optional /prefix.

CREATE OR REPLACE TEMP MACRO kql_ipv4_address(s) AS
    CASE
        WHEN regexp_full_match(s, '((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)(/(3[0-2]|[0-2]?\d))?')
            THEN split_part(s, '.', 1)::BIGINT * 16777216 + split_part(s, '.', 2)::BIGINT * 65536
                + split_part(s, '.', 3)::BIGINT * 256 + split_part(split_part(s, '.', 4), '/', 1)::BIGINT
    END;
CREATE OR REPLACE TEMP MACRO kql_ipv4_prefix(s) AS
    CASE WHEN contains(s, '/') THEN TRY_CAST(split_part(s, '/', 2) AS BIGINT) ELSE 32 END;
CREATE OR REPLACE TEMP MACRO kql_ipv4_masked(address, prefix) AS
    CASE WHEN prefix BETWEEN 0 AND 32 AND address BETWEEN 0 AND 4294967295
        THEN (address // (1::BIGINT << (32 - (prefix))::INTEGER)) * (1::BIGINT << (32 - (prefix))::INTEGER) END;
CREATE OR REPLACE TEMP MACRO kql_ipv4(s) AS kql_ipv4_masked(kql_ipv4_address(s), kql_ipv4_prefix(s));

-- A prefix that is none makes null of it all: `least` would pass over it.
CREATE OR REPLACE TEMP MACRO kql_ipv4_by_prefix(s, prefix) AS
    CASE WHEN prefix BETWEEN 0 AND 32
        THEN kql_ipv4_masked(kql_ipv4_address(s), least(kql_ipv4_prefix(s), prefix)) END;

-- By the shortest of the prefixes; null where one is no address.
CREATE OR REPLACE TEMP MACRO kql_ipv4_compare(a, b, prefix) AS
    CASE WHEN prefix BETWEEN 0 AND 32 THEN
        sign(kql_ipv4_masked(kql_ipv4_address(a), least(kql_ipv4_prefix(a), kql_ipv4_prefix(b), prefix))
            - kql_ipv4_masked(kql_ipv4_address(b), least(kql_ipv4_prefix(a), kql_ipv4_prefix(b), prefix)))::BIGINT
    END;

CREATE OR REPLACE TEMP MACRO kql_ipv4_is_private(s) AS
    CASE
        WHEN kql_ipv4(s) IS NULL THEN NULL
        ELSE kql_ipv4_address(s) // 16777216 = 10
            OR kql_ipv4_address(s) // 1048576 = 2753
            OR kql_ipv4_address(s) // 65536 = 49320
    END;

CREATE OR REPLACE TEMP MACRO kql_format_ipv4(address, prefix) AS
    (kql_ipv4_masked(address, prefix) // 16777216)::VARCHAR || '.'
    || ((kql_ipv4_masked(address, prefix) // 65536) % 256)::VARCHAR || '.'
    || ((kql_ipv4_masked(address, prefix) // 256) % 256)::VARCHAR || '.'
    || (kql_ipv4_masked(address, prefix) % 256)::VARCHAR;
