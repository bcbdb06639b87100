-- A whole number as Kusto's long holds it: 64 bits, wrapping around where DuckDB would raise an error.
-- https://learn.microsoft.com/kusto/query/scalar-data-types/long
CREATE OR REPLACE TEMP MACRO wrap_long(x) AS
  CAST(
    ((x + 9223372036854775808) % 18446744073709551616 + 18446744073709551616) % 18446744073709551616
      - 9223372036854775808
    AS BIGINT
  );
