import type { Answer, Task } from '../contender.ts';
import { openLake } from '../project.ts';
import { defaults } from './defaults.ts';

/** The detection as one writes it down from the KQL: an inner join on the two keys, then a filter on the time. */
export async function naive({ lake: folder, memory, threads, temp }: Task): Promise<Answer> {
  await using lake = await openLake(folder, { memory, threads, temp });
  const hits = await lake.sql(NAIVE);
  return { rows: await hits.rows() };
}

const NAIVE = `
WITH crypto_loaders AS (
  SELECT
    Timestamp AS LoadTime,
    DeviceName,
    InitiatingProcessFileName AS ProcessName,
    InitiatingProcessId AS ProcessId,
    InitiatingProcessCommandLine AS ProcessCmd,
    InitiatingProcessAccountName AS AccountName,
    InitiatingProcessSHA256 AS ProcessSHA256,
    FileName AS CryptoLib
  FROM DeviceImageLoadEvents
  WHERE lower(FileName) IN ${defaults.crypto_libraries}
    AND lower(InitiatingProcessFileName) NOT IN ${defaults.excluded}
),
suspicious_connections AS (
  SELECT
    Timestamp AS ConnTime,
    DeviceName,
    InitiatingProcessId AS ProcessId,
    RemoteIP,
    RemotePort,
    SentBytes,
    ReceivedBytes
  FROM DeviceNetworkEvents
  WHERE ActionType = 'ConnectionSuccess'
    AND RemoteIPType = 'Public'
    AND RemotePort NOT IN ${defaults.standard_ports}
),
summarized AS (
  SELECT
    loads.DeviceName,
    ProcessName,
    ProcessCmd,
    AccountName,
    ProcessSHA256,
    list_sort(list(DISTINCT CryptoLib)) AS CryptoLibsLoaded,
    list_sort(list(DISTINCT RemoteIP)) AS RemoteIPs,
    list_sort(list(DISTINCT RemotePort)) AS RemotePorts,
    count(*) AS ConnectionCount,
    coalesce(sum(SentBytes), 0)::BIGINT AS TotalBytesSent,
    coalesce(sum(ReceivedBytes), 0)::BIGINT AS TotalBytesReceived,
    min(ConnTime) AS FirstConnection,
    max(ConnTime) AS LastConnection
  FROM crypto_loaders AS loads
  JOIN suspicious_connections AS connections
    ON loads.DeviceName = connections.DeviceName
    AND loads.ProcessId IS NOT DISTINCT FROM connections.ProcessId
  WHERE ConnTime BETWEEN LoadTime AND LoadTime + INTERVAL 15 MINUTES
  GROUP BY ALL
),
intervals AS (
  SELECT
    *,
    round((TotalBytesSent + TotalBytesReceived)::DOUBLE / 1048576, 2) AS DataTransferMB,
    date_diff('minute', FirstConnection, LastConnection) AS DurationMinutes,
    CASE WHEN ConnectionCount > 1 THEN (DurationMinutes * 60)::DOUBLE / (ConnectionCount - 1) ELSE 0.0::DOUBLE END
      AS AvgIntervalSeconds
  FROM summarized
)
SELECT
  *,
  AvgIntervalSeconds BETWEEN 30 AND 3600 AND ConnectionCount >= 5 AS BeaconLikely
FROM intervals
ORDER BY ConnectionCount DESC, DeviceName, ProcessName, ProcessCmd, AccountName, ProcessSHA256`;
