-- The device of an event: DeviceId where present, else DeviceName. Strings have no null in the lake's views.
CREATE OR REPLACE TEMP MACRO device_identity(DeviceId, DeviceName) AS
  CASE WHEN DeviceId = '' THEN DeviceName ELSE DeviceId END;

-- The process that an event belongs to, as a 64-bit hash that equals another exactly where device and process do:
-- by InitiatingProcessUniqueId where present (it is unique on one device only), else by PID and creation time, else,
-- without a creation time, by PID and image. Null, which joins nothing, for PID 0 and for none.
-- https://learn.microsoft.com/azure/azure-monitor/reference/tables/devicenetworkevents
CREATE OR REPLACE TEMP MACRO process_identity(Device, UniqueId, Pid, CreationTime, FileName) AS
  CASE
    WHEN UniqueId <> '' THEN hash(Device, UniqueId)
    WHEN Pid <> 0 AND CreationTime IS NOT NULL THEN hash(Device, Pid, CreationTime)
    WHEN Pid <> 0 THEN hash(Device, Pid, lower(FileName))
  END;
