/*
The keys with Key, by which events of a key are found again, and Within, the wider keys that an address lies in: rules judge
each key by itself, and what they leave is folded afterwards.
*/
SELECT *
FROM told
LEFT JOIN (
  SELECT AddressKey AS Key, list(WideKey) AS Within
  FROM nested_keys
  GROUP BY AddressKey
) AS places USING (Key)
ORDER BY
  BeaconScore DESC,
  Connections DESC,
  DeviceName,
  DeviceId,
  ProcessName,
  ProcessId,
  ProcessCreationTime,
  KeyKind,
  Destination,
  RemotePort
