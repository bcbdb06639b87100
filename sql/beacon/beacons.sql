/*
id: beacons
title: Beacons
description: >-
  Who talks to whom at regular intervals, missed beats and jitter allowed for, and how few devices do the same.
  One row per process and destination: by address and port; by domain or by /24 and port where no single address
  holds most of its connections, and they say more together than the best address alone.
tables:
  DeviceNetworkEvents:
    [Timestamp, DeviceId, DeviceName, ActionType, RemoteIP, RemotePort, RemoteIPType, RemoteUrl,
     InitiatingProcessId, InitiatingProcessUniqueId, InitiatingProcessCreationTime, InitiatingProcessFileName,
     InitiatingProcessAccountName, SentBytes]
parameters:
  action_types:
    type: list of string
    description: ActionType of the connections that count, exactly as written
    default: [ConnectionSuccess]
  excluded_address_types:
    type: list of string
    description: RemoteIPType of the connections that do not count, exactly as written
    default: [Loopback]
  key_kinds:
    type: list of string
    values: [address, domain, network]
    description: What a destination is; address, domain, network (/24), each with the port
    default: [address, domain, network]
  min_connections:
    type: long
    least: 1
    description: Least connections of a key that is looked at; of millions of keys with fewer, many are even by chance
    default: 8
  beat_gap:
    type: real
    least: 0
    description: Connections closer together than this, in seconds, are one beat
    default: 1
  tolerance:
    type: real
    least: 0
    most: 0.5
    description: How far from a whole multiple of the interval a gap may lie, as a share of the interval
    default: 0.25
  min_score:
    type: real
    least: 0
    most: 1
    description: Least BeaconScore of a key that is listed
    default: 0.5
  fold_keys:
    type: bool
    description: >-
      Of a /24 or a domain and the addresses in it, list what scores most only; FoldedKeys counts what is left to it
    default: true
  since:
    type: datetime
    description: Only events at or after this instant; what is older was stamped by a clock that was never set
    default: "2000-01-01"
  until:
    type: datetime
    description: Only events before this instant; what is later was stamped by a clock that was never set
    default: "2090-01-01"
  lookback:
    type: timespan
    description: Only events later than now less this
    default: null
  now:
    type: datetime
    description: The instant that lookback counts from; the start of the run unless set
    default: null
recorded:
  sent_bytes_recorded: DeviceNetworkEvents.SentBytes
technique: { id: T1071, name: Application Layer Protocol }
tactic: { id: TA0011, name: Command and Control }
severity: medium
confidence: medium
macros:
  [process_identity, ../beacon/destination, ../beacon/statistics, ../beacon/rita, ../beacon/score, ../beacon/reason]
false_positives:
  - Software that polls on one device only, such as a tool that nobody else in the fleet has
  - New software during its first days on its first devices
blind_spots:
  - Implants that keep one connection open, or wait for days between connections
  - Connections that the sensor reports only in ConnectionSuccessAggregatedReport
  - Processes that live for one connection each, as a scheduled task starts them
  - C2 behind an address and a program that most of the fleet uses, unless its domain is recorded
references:
  - https://attack.mitre.org/techniques/T1071/
  - https://attack.mitre.org/techniques/T1029/
  - https://learn.microsoft.com/defender-xdr/advanced-hunting-devicenetworkevents-table
created: 2026-11-24
updated: 2026-11-24
*/

SELECT * EXCLUDE (Key)
FROM told
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
