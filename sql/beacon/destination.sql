-- What a connection went to, wider than its address.

-- The host of a RemoteUrl, which Defender records as a host name or as a URL; '' where there is none. Rules go by it, and all
-- else in a URL is for its writer to choose: it begins behind the last @ and ends where a browser ends it, so at a backslash.
-- That a name is plain, as most are, is cheaper to see than its host is to take out.
CREATE OR REPLACE TEMP MACRO beacon_domain(RemoteUrl) AS
  CASE
    WHEN RemoteUrl = '' THEN ''
    WHEN contains(RemoteUrl, '/')
      OR contains(RemoteUrl, ':')
      OR contains(RemoteUrl, '?')
      OR contains(RemoteUrl, '#')
      OR contains(RemoteUrl, '\')
      OR contains(RemoteUrl, '@')
      THEN regexp_extract(
        lower(RemoteUrl), '^(?:[a-z][a-z0-9+.-]*://)?(?:[^/\\?#]*@)?([^/\\:?#]*)', 1
      )
    ELSE lower(RemoteUrl)
  END;

-- The first three numbers of an IPv4 address, also of one mapped into IPv6; '' for anything else.
CREATE OR REPLACE TEMP MACRO beacon_network(RemoteIP) AS
  regexp_extract(RemoteIP, '^(?:::ffff:)?(\d{1,3}\.\d{1,3}\.\d{1,3}\.)\d{1,3}$', 1);

-- A name as a number; null where there is none.
CREATE OR REPLACE TEMP MACRO beacon_hash(Name) AS CASE WHEN Name <> '' THEN hash(Name) END;

-- The process of a connection. Without a PID, a device's processes of one name count as one. A creation time of 1601 is
-- what sensors write that have none.
CREATE OR REPLACE TEMP MACRO beacon_process(Device, UniqueId, Pid, CreationTime, FileName) AS
  coalesce(
    process_identity(Device, UniqueId, Pid, nullif(CreationTime, TIMESTAMP '1601-01-01'), FileName),
    hash(Device, lower(FileName))
  );

-- What every key of a connection begins with, as a number.
CREATE OR REPLACE TEMP MACRO beacon_process_and_port(Device, UniqueId, Pid, CreationTime, FileName, Port) AS
  hash(beacon_process(Device, UniqueId, Pid, CreationTime, FileName), Port);

-- A key that is cheap to sort, of what there are too many to tell apart.
CREATE OR REPLACE TEMP MACRO beacon_short_key(ProcessAndPort, Destination) AS
  (hash(ProcessAndPort, Destination) >> 32)::UINTEGER;
