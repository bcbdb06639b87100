-- Which address keys lie in which wider ones: they are the same connections.
nested_keys AS (
  SELECT
    wide.Key AS WideKey,
    wide.BeaconScore AS WideScore,
    address.Key AS AddressKey,
    address.BeaconScore AS AddressScore
  FROM (
    SELECT hash(ProcessAndPort, Network) AS WideKey, AddressKey
    FROM repeated_connections
    UNION
    SELECT hash(ProcessAndPort, Domain), AddressKey
    FROM repeated_connections
  ) AS places
  JOIN scored AS wide ON wide.Key = WideKey
  JOIN scored AS address ON address.Key = AddressKey
  WHERE wide.KeyKind <> 'address'
)
