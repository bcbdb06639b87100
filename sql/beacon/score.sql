-- The score: how sure it is that the gaps are a rhythm, times how sure it is that a rhythm of this kind is nobody's
-- ordinary software. Each factor is a sum of evidence (log-odds) put on a scale from 0 to 1. The weights were fitted by
-- logistic regression on the tuning lake of benchmarks/beacons/populations.ts and rounded; timing on all that is periodic
-- against all that is not, prevalence on implants against benign software that is periodic.

CREATE OR REPLACE TEMP MACRO beacon_probability(Evidence) AS 1 / (1 + exp(-(Evidence)));

-- More beats are more evidence, up to 200.
CREATE OR REPLACE TEMP MACRO beacon_beats_evidence(Beats) AS 1.4 * ln(least(Beats, 200)) - 3.5;

-- Gaps that differ little from their median, by their mean distance from it in factors of e: 0 for clockwork, about 0.4
-- for full jitter, 0.9 for events at random, more for bursts. A pause of a night counts little.
CREATE OR REPLACE TEMP MACRO beacon_evenness_evidence(LogDeviation) AS -3.4 * LogDeviation;

-- The share of gaps near whole multiples of the interval, in standard errors above the 55 % that events at random reach.
CREATE OR REPLACE TEMP MACRO beacon_fit_evidence(FitShare, Beats) AS
  1.25 * least(3, greatest(-3, (FitShare - 0.55) * sqrt(Beats - 1)));

-- The share of other devices on which the same program talks to the same destination, shrunk towards 1 in 40 where the
-- fleet is too small to tell.
CREATE OR REPLACE TEMP MACRO beacon_rarity_evidence(PairDevices, FleetDevices) AS
  -2.84 * ln((PairDevices - 0.5) / (FleetDevices + 19)) - 8.56;

-- A destination that nobody talked to during the first day of the observation. Times are microseconds.
CREATE OR REPLACE TEMP MACRO beacon_newness_evidence(DestinationFirst, ObservationStart) AS
  4.2 * least(1, (DestinationFirst - ObservationStart) / 86400000000);
