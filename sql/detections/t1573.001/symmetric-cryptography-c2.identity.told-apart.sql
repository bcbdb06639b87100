/*
The findings, each with Who, which tells it from the others whatever its times: under $identity 'process', its
device, its PID, and its unique id or creation time.
*/
SELECT *
FROM findings
ORDER BY
  ConnectionCount DESC,
  DeviceName,
  ProcessName,
  ProcessCmd,
  AccountName,
  ProcessSHA256,
  Who
