/*
Every matched pair behind the findings: the load, the connection, and what it takes to find both events again.
*/
SELECT
  loads.DeviceName,
  loads.ProcessName,
  loads.ProcessCmd,
  loads.AccountName,
  loads.ProcessSHA256,
  loads.ProcessId,
  loads.DeviceId,
  loads.LoadTime,
  loads.CryptoLib,
  loads.LoadReportId,
  connections.ConnTime,
  connections.RemoteIP,
  connections.RemotePort,
  connections.RemoteUrl,
  connections.ConnReportId,
  connections.SentBytes,
  connections.ReceivedBytes
FROM (
  SELECT
    *,
    unnest([LoadBucket, LoadBucket + 1]) AS Bucket
  FROM nearby_loads
) AS loads
JOIN connections
  ON loads.DeviceName = connections.DeviceName
  AND loads.ProcessId IS NOT DISTINCT FROM connections.ProcessId
  AND loads.Bucket = connections.ConnBucket
WHERE connections.ConnTime BETWEEN loads.LoadTime - $tolerance AND loads.LoadTime + $window
ORDER BY ALL
