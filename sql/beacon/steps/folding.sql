-- What is told once: a wider key and the address keys in it are the same connections. A wider key that says no more than
-- the best address in it is left to that address; an address that says no more than a wider key that is listed, to that.
lesser_wide_keys AS (
  SELECT WideKey AS Key, arg_max(AddressKey, (AddressScore, AddressKey)) AS Told
  FROM nested_keys
  WHERE AddressScore > WideScore
  GROUP BY WideKey
),
folded_keys AS MATERIALIZED (
  FROM lesser_wide_keys
  UNION ALL
  SELECT AddressKey, arg_max(WideKey, (WideScore, WideKey))
  FROM nested_keys
  WHERE WideScore >= AddressScore
    AND WideKey NOT IN (SELECT Key FROM lesser_wide_keys)
  GROUP BY AddressKey
),
listed_keys AS MATERIALIZED (
  SELECT scored.*, coalesce(FoldedKeys, 0) AS FoldedKeys
  FROM scored
  ANTI JOIN (
    FROM folded_keys
    WHERE $fold_keys
  ) AS folded USING (Key)
  LEFT JOIN (
    SELECT Told AS Key, count(*) AS FoldedKeys
    FROM folded_keys
    WHERE $fold_keys
    GROUP BY Told
  ) AS counts USING (Key)
)
