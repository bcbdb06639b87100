/*
Every matched pair behind the findings: the load, the connection, what it takes to find both events again, and whether
one process made both.
*/
,
pairs AS (
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
    connections.ReceivedBytes,
    loads.CreationTime AS LoadProcessCreationTime,
    connections.CreationTime AS ConnProcessCreationTime,
    connections.ProcessName AS ConnProcessName,
    coalesce(loads.Process = connections.Process, false) AS SameProcess,
    loads.Inferred OR connections.Inferred AS IdentityInferred,
    Who
  FROM (
    SELECT
      *,
      unnest([LoadBucket, LoadBucket + 1]) AS Bucket
    FROM nearby_loads
  ) AS loads
  JOIN identified_connections AS connections
    ON loads.Host = connections.Host
    AND loads.ProcessId IS NOT DISTINCT FROM connections.ProcessId
    AND loads.Holder IS NOT DISTINCT FROM connections.Holder
    AND loads.Bucket = connections.ConnBucket
  WHERE connections.ConnTime BETWEEN loads.LoadTime - $tolerance AND loads.LoadTime + $window
)

-- answer
SELECT * EXCLUDE (Who)
FROM pairs
ORDER BY ALL
