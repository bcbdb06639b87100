/*
The findings, and for each its connections in 24 equal spans of time from its first to its last, for a sparkline.
*/
,
connections_by_span AS (
  SELECT
    Who,
    least(
      (epoch_us(ConnTime) - epoch_us(FirstConnection)) * 24
        // greatest(epoch_us(LastConnection) - epoch_us(FirstConnection), 1),
      23
    ) AS Span,
    count(*) AS Connections
  FROM matched
  JOIN findings USING (Who)
  WHERE NOT IsLoad
  GROUP BY ALL
),
activity AS (
  SELECT
    Who,
    map_from_entries(list((Span, Connections))) AS BySpan
  FROM connections_by_span
  GROUP BY Who
)
SELECT
  findings.* EXCLUDE (Who),
  list_transform(range(24), lambda span: coalesce(BySpan[span], 0)) AS Activity
FROM findings
JOIN activity USING (Who)
ORDER BY
  ConnectionCount DESC,
  DeviceName,
  ProcessName,
  ProcessCmd,
  AccountName,
  ProcessSHA256,
  Who
