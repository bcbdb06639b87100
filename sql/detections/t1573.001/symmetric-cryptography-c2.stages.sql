/*
How many rows each stage of the hunt kept, within the bounds of time.
*/
,
stages AS (
  SELECT 1 AS Step, 'image loads read' AS Stage, count(*) AS Rows
  FROM DeviceImageLoadEvents
  WHERE ($since IS NULL OR Timestamp >= $since)
    AND ($until IS NULL OR Timestamp < $until)
    AND ($lookback IS NULL OR Timestamp > $now::TIMESTAMP - $lookback::INTERVAL)
  UNION ALL
  SELECT 2, 'of a crypto library', count(*)
  FROM DeviceImageLoadEvents
  WHERE lower(greatest(FileName, '')) IN list_transform($crypto_libraries, lambda name: lower(name))
    AND ($since IS NULL OR Timestamp >= $since)
    AND ($until IS NULL OR Timestamp < $until)
    AND ($lookback IS NULL OR Timestamp > $now::TIMESTAMP - $lookback::INTERVAL)
  UNION ALL
  SELECT 3, 'by processes that are not excluded', count(*)
  FROM crypto_loads
  UNION ALL
  SELECT 4, 'connections read', count(*)
  FROM DeviceNetworkEvents
  WHERE ($since IS NULL OR Timestamp >= $since)
    AND ($until IS NULL OR Timestamp < $until)
    AND ($lookback IS NULL OR Timestamp > $now::TIMESTAMP - $lookback::INTERVAL)
  UNION ALL
  SELECT 5, 'successful, public, on an unusual port', count(*)
  FROM suspicious_connections
  UNION ALL
  SELECT 6, 'pairs of a load and a connection in its window', coalesce(sum(ConnectionCount), 0)
  FROM findings
  UNION ALL
  SELECT 7, 'processes', count(*)
  FROM findings
)
SELECT
  Stage,
  Rows::BIGINT AS Rows
FROM stages
ORDER BY Step
