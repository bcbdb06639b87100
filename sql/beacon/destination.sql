-- Who a connection is from and what it went to, as numbers: whole columns are hashed first, then numbers are compared.
-- Where a file keeps its names in a dictionary, the engine hashes each name once and not each row, unless a CASE or
-- coalesce() stands between; and to compare texts takes five times as long. A name that is not recorded may be null or
-- '', which is the same.

-- The hash of a name; null where there is none.
CREATE OR REPLACE TEMP MACRO beacon_known(Hash) AS
  CASE WHEN Hash <> hash('') AND Hash <> hash(NULL::VARCHAR) THEN Hash END;

-- The hash of a name; that of '' where there is none.
CREATE OR REPLACE TEMP MACRO beacon_name(Hash) AS CASE WHEN Hash = hash(NULL::VARCHAR) THEN hash('') ELSE Hash END;

-- The device of an event, by the hashes of both: DeviceId where present, else DeviceName.
CREATE OR REPLACE TEMP MACRO beacon_device(DeviceId, DeviceName) AS
  CASE
    WHEN DeviceId = hash('') OR DeviceId = hash(NULL::VARCHAR) THEN beacon_name(DeviceName)
    ELSE DeviceId
  END;

-- The process of a connection, as process_identity tells it. Without a PID, a device's processes of one name count as
-- one. A creation time of 1601 is what sensors write that have none.
CREATE OR REPLACE TEMP MACRO beacon_process(Device, UniqueId, Pid, CreationTime, Image) AS
  CASE
    WHEN UniqueId <> '' THEN hash(Device, hash(UniqueId))
    WHEN Pid <> 0 AND CreationTime <> TIMESTAMP '1601-01-01' THEN hash(Device, Pid, CreationTime)
    WHEN Pid <> 0 THEN hash(Device, Pid, Image)
    ELSE hash(Device, Image)
  END;

-- What every key of a connection begins with.
CREATE OR REPLACE TEMP MACRO beacon_process_and_port(
  DeviceId, DeviceName, UniqueId, Pid, CreationTime, FileName, Port
) AS
  hash(
    beacon_process(
      beacon_device(hash(DeviceId), hash(DeviceName)),
      UniqueId,
      Pid,
      CreationTime,
      beacon_name(hash(lower(FileName)))
    ),
    Port
  );

-- The host of a RemoteUrl, which Defender records as a host name or as a URL; '' where there is none.
CREATE OR REPLACE TEMP MACRO beacon_domain(RemoteUrl) AS
  CASE
    WHEN contains(RemoteUrl, '/') OR contains(RemoteUrl, ':')
      THEN regexp_extract(lower(RemoteUrl), '^(?:[a-z][a-z0-9+.-]*://)?(?:[^/@]*@)?([^/:?#]*)', 1)
    ELSE coalesce(lower(RemoteUrl), '')
  END;

-- The first three numbers of an IPv4 address, also of one mapped into IPv6; '' for anything else.
CREATE OR REPLACE TEMP MACRO beacon_network(RemoteIP) AS
  regexp_extract(RemoteIP, '^(?:::ffff:)?(\d{1,3}\.\d{1,3}\.\d{1,3}\.)\d{1,3}$', 1);

-- A key that is cheap to sort, of what there are too many to tell apart.
CREATE OR REPLACE TEMP MACRO beacon_short_key(ProcessAndPort, Destination) AS
  (hash(ProcessAndPort, Destination) >> 32)::UINTEGER;
