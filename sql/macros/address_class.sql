-- The class of an IP address in Defender's words, by IANA's registries of special-purpose addresses; '' for what is
-- no address. Addresses that embed an IPv4 address in its own right (::ffff:0:0/96, 64:ff9b::/96) are of that
-- address's class. What the registries set apart without a word of its own in Defender is Reserved, documentation
-- and benchmarks included, unless they say that it is globally reachable.
-- https://www.iana.org/assignments/iana-ipv4-special-registry
-- https://www.iana.org/assignments/iana-ipv6-special-registry
-- https://learn.microsoft.com/defender-xdr/advanced-hunting-devicenetworkevents-table

CREATE OR REPLACE TEMP MACRO is_ipv4(ip) AS
  regexp_full_match(ip, '((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)');

CREATE OR REPLACE TEMP MACRO ipv4_hex(ip) AS
  format(
    '{:02x}{:02x}{:02x}{:02x}',
    CAST(split_part(ip, '.', 1) AS INTEGER), CAST(split_part(ip, '.', 2) AS INTEGER),
    CAST(split_part(ip, '.', 3) AS INTEGER), CAST(split_part(ip, '.', 4) AS INTEGER)
  );

-- An IPv6 address whose last four bytes are written as IPv4, in hexadecimal throughout.
CREATE OR REPLACE TEMP MACRO ipv6_undotted(ip) AS
  CASE
    WHEN NOT contains(ip, '.') THEN ip
    WHEN is_ipv4(split_part(ip, ':', -1)) THEN
      regexp_replace(ip, '[^:]*$', '') || ipv4_hex(split_part(ip, ':', -1))[1:4] || ':'
        || ipv4_hex(split_part(ip, ':', -1))[5:8]
  END;

-- Its eight groups, with the zeros that :: stands for; fewer or more groups where it is malformed.
CREATE OR REPLACE TEMP MACRO ipv6_groups(ip) AS
  list_transform([string_split(ip, '::')], lambda halves: CASE len(halves)
    WHEN 1 THEN string_split(ip, ':')
    WHEN 2 THEN list_transform(
      [[list_filter(string_split(halves[1], ':'), lambda g: halves[1] <> ''),
        list_filter(string_split(halves[2], ':'), lambda g: halves[2] <> '')]],
      lambda sides: sides[1] || list_resize(['0'], greatest(8 - len(sides[1]) - len(sides[2]), 1), '0') || sides[2]
    )[1]
    ELSE []
  END)[1];

-- Any address as 32 hexadecimal digits, IPv4 as ::ffff:0:0/96; null for what is no address.
CREATE OR REPLACE TEMP MACRO address_hex(ip) AS
  CASE
    WHEN is_ipv4(ip) THEN '00000000000000000000ffff' || ipv4_hex(ip)
    WHEN contains(ip, ':') THEN list_transform(
      [ipv6_groups(ipv6_undotted(lower(split_part(ip, '%', 1))))],
      lambda groups: CASE
        WHEN regexp_full_match(array_to_string(groups, ':'), '([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}')
          THEN array_to_string(list_transform(groups, lambda g: lpad(g, 4, '0')), '')
      END
    )[1]
  END;

CREATE OR REPLACE TEMP MACRO ipv4_hex_class(x) AS
  CASE
    WHEN x = 'ffffffff' THEN 'Broadcast'
    WHEN x[1:2] = '7f' THEN 'Loopback'
    WHEN x[1:2] = '0a' THEN 'Private'
    WHEN x BETWEEN 'ac100000' AND 'ac1fffff' THEN 'Private'
    WHEN x[1:4] = 'c0a8' THEN 'Private'
    WHEN x[1:4] = 'a9fe' THEN 'LinkLocal'
    -- 192.0.0.9 and 192.0.0.10 are the two of 192.0.0.0/24 that are globally reachable.
    WHEN x IN ('c0000009', 'c000000a') THEN 'Public'
    WHEN x[1:2] = '00' THEN 'Reserved' -- this network
    WHEN x BETWEEN '64400000' AND '647fffff' THEN 'Reserved' -- shared by carriers
    WHEN x[1:6] IN ('c00000', 'c00002', 'c05863', 'c63364', 'cb0071') THEN 'Reserved' -- protocols, documentation, 6to4
    WHEN x BETWEEN 'c6120000' AND 'c613ffff' THEN 'Reserved' -- benchmarks
    WHEN x >= 'e0000000' THEN 'Reserved' -- multicast and beyond
    ELSE 'Public'
  END;

CREATE OR REPLACE TEMP MACRO address_hex_class(x) AS
  CASE
    WHEN x IS NULL THEN ''
    WHEN x[1:24] = '00000000000000000000ffff' THEN ipv4_hex_class(x[25:32])
    WHEN x[1:24] = '0064ff9b0000000000000000' THEN ipv4_hex_class(x[25:32])
    WHEN x = '00000000000000000000000000000001' THEN 'Loopback'
    WHEN x BETWEEN 'fc' AND 'fe' THEN 'Private' -- fc00::/7
    WHEN x BETWEEN 'fe8' AND 'fec' THEN 'LinkLocal' -- fe80::/10
    WHEN x NOT BETWEEN '2' AND '4' THEN 'Reserved' -- only 2000::/3 is given out
    WHEN x[1:8] = '20010000' THEN 'Teredo'
    WHEN x[1:4] = '2002' THEN 'FourToSixMapping' -- an IPv4 network as IPv6, 6to4
    -- What is globally reachable of 2001::/23: anycast, AMT, AS112, ORCHIDv2, DRIP.
    WHEN x IN (
      '20010001000000000000000000000001', '20010001000000000000000000000002', '20010001000000000000000000000003'
    ) THEN 'Public'
    WHEN x[1:8] = '20010003' OR x[1:12] = '200100040112' OR x[1:7] IN ('2001002', '2001003') THEN 'Public'
    WHEN x BETWEEN '200100' AND '200102' THEN 'Reserved' -- 2001::/23, protocols
    WHEN x[1:8] = '20010db8' THEN 'Reserved' -- documentation
    WHEN x[1:5] = '3fff0' THEN 'Reserved' -- documentation
    ELSE 'Public'
  END;

-- An IPv4 address whose first byte alone says that it is of no special block, as most are: one match, 20 times as
-- fast as taking it apart.
CREATE OR REPLACE TEMP MACRO is_ordinary_ipv4(ip) AS
  regexp_full_match(
    ip,
    '([1-9]|1[1-9]|[2-9]\d|10[1-9]|11\d|12[0-68-9]|1[345]\d|16[0-8]|17[013-9]|18\d|19[013-79]|20[0-24-9]|21\d|22[0-3])'
      || '(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}'
  );

CREATE OR REPLACE TEMP MACRO address_class(ip) AS
  CASE
    WHEN is_ordinary_ipv4(ip) THEN 'Public'
    ELSE list_transform([address_hex(ip)], lambda x: address_hex_class(x))[1]
  END;
