-- A whole number as Kusto's long holds it: 64 bits, wrapping around where DuckDB would raise an error.
-- https://learn.microsoft.com/kusto/query/scalar-data-types/long
-- Few wrap: asking first takes half the time of computing the remainders for all.
CREATE OR REPLACE TEMP MACRO wrap_long(x) AS
  CASE
    WHEN x BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(x AS BIGINT)
    ELSE CAST(
      ((x + 9223372036854775808::HUGEINT) % 18446744073709551616::HUGEINT + 18446744073709551616::HUGEINT)
        % 18446744073709551616::HUGEINT - 9223372036854775808::HUGEINT
      AS BIGINT
    )
  END;
