-- The score in words: every 61 s ± 9 %, 214 beats, 12 % missed, for 4.1 h, to one address seen on 1 of 300 devices.

-- One decimal below ten where it says something, else none.
CREATE OR REPLACE TEMP MACRO beacon_amount(Amount) AS
  CASE
    WHEN Amount < 9.95 THEN regexp_replace(printf('%.1f', Amount::DOUBLE), '\.0$', '')
    ELSE printf('%.0f', Amount::DOUBLE)
  END;

-- Seconds in the unit that fits.
CREATE OR REPLACE TEMP MACRO beacon_duration(Seconds) AS
  CASE
    WHEN Seconds < 120 THEN beacon_amount(Seconds) || ' s'
    WHEN Seconds < 7200 THEN beacon_amount(Seconds / 60) || ' min'
    WHEN Seconds < 172800 THEN beacon_amount(Seconds / 3600) || ' h'
    ELSE beacon_amount(Seconds / 86400) || ' d'
  END;

CREATE OR REPLACE TEMP MACRO beacon_percent(Share) AS printf('%.0f', 100 * Share::DOUBLE) || ' %';

CREATE OR REPLACE TEMP MACRO beacon_reason(
  "Interval", Jitter, Beats, Missed, Duration, KeyKind, Addresses, DestinationDevices, PairDevices, FleetDevices
) AS
  'every ' || beacon_duration("Interval") || ' ± ' || beacon_percent(Jitter)
    || ', ' || Beats || ' beats'
    || CASE WHEN Missed >= 0.005 THEN ', ' || beacon_percent(Missed) || ' missed' ELSE '' END
    || ', for ' || beacon_duration(Duration)
    || ', to ' || CASE
      WHEN KeyKind = 'address' THEN 'one address'
      WHEN KeyKind = 'domain' THEN 'one domain at ' || Addresses || ' addresses'
      ELSE Addresses || ' addresses of one /24'
    END
    || ' seen on ' || DestinationDevices || ' of ' || FleetDevices || ' devices'
    || CASE WHEN PairDevices < DestinationDevices THEN ', from this program on ' || PairDevices ELSE '' END;
