-- The score: how sure it is that the gaps are a rhythm, times how sure it is that a rhythm of this kind is nobody's
-- ordinary software. Each factor is a sum of evidence (log-odds) put on a scale from 0 to 1. The weights were fitted by
-- logistic regression on the tuning lake of benchmarks/beacons/populations.ts and rounded; timing on all that is periodic
-- against all that is not, prevalence on implants against benign software that is periodic.

CREATE OR REPLACE TEMP MACRO beacon_probability(Evidence) AS 1 / (1 + exp(-(Evidence)));

-- More beats are more evidence, up to 200.
CREATE OR REPLACE TEMP MACRO beacon_beats_evidence(Beats) AS 1.55 * ln(least(Beats, 200)) - 2.95;

-- Gaps that differ little from their median, by their mean distance from it in factors of e: 0 for clockwork, about 0.4
-- for full jitter, 0.9 for events at random, more for bursts. A pause of a night counts little.
CREATE OR REPLACE TEMP MACRO beacon_evenness_evidence(LogDeviation) AS -3.95 * LogDeviation;

-- The share of gaps near whole multiples of the interval, as standard errors above the 60 % that events at random
-- can reach, since the interval is chosen to suit them.
CREATE OR REPLACE TEMP MACRO beacon_fit_evidence(FitShare, Beats) AS
  1.25 * least(3, greatest(-3, (FitShare - 0.6) * sqrt(Beats - 1)));

-- A /24 whose addresses hardly come again, from three quarters of its connections on: eight chance visits to as many
-- hosts of a network are as even as a short beacon, and of all the processes that browse some do that. Hosts that a
-- beacon takes turns at come again. Chosen on three seeds of the tuning lake, where it hides none of the 222 implants
-- that take turns and are listed, and on an office lake of another seed, where it hides all 34 keys of a /24 that were.
CREATE OR REPLACE TEMP MACRO beacon_return_evidence(KeyKind, Addresses, Connections) AS
  CASE WHEN KeyKind = 'network' THEN least(0.0::DOUBLE, 4.5 - 6 * Addresses / Connections) ELSE 0.0::DOUBLE END;

-- The share of other devices on which the same program talks to the same destination, shrunk towards 1 in 40 where the
-- fleet is too small to tell.
CREATE OR REPLACE TEMP MACRO beacon_rarity_evidence(PairDevices, FleetDevices) AS
  -3.15 * ln((PairDevices - 0.5) / (FleetDevices + 19)) - 9.9;

-- A destination that the device did not talk to during the first day of the observation: software that all devices have
-- was there before, an implant comes some day. Times are microseconds.
CREATE OR REPLACE TEMP MACRO beacon_newness_evidence(DeviceFirst, ObservationStart) AS
  5.0 * least(1, (DeviceFirst - ObservationStart) / 86400000000);
