import type { Row } from '../../src/index.ts';
import type { Actor } from './lake.ts';

/** How a key is scored, each from 0 to 1. */
export const SCORES: Readonly<Record<string, (key: Row) => number>> = {
  combined: (key) => Number(key.BeaconScore),
  timing: (key) => Number(key.TimingScore),
  prevalence: (key) => Number(key.PrevalenceScore),
  RITA: (key) => Number(key.RitaScore ?? 0),
  BeaconLikely: (key) => Number(beaconLikely(key)),
};

/** The reference's verdict, with each connection counted once: whole minutes over one less than the connections. */
function beaconLikely({ FirstConnection, LastConnection, Connections }: Row): boolean {
  const minute = (instant: unknown) => Math.floor(Date.parse(String(instant)) / 60_000);
  const interval = ((minute(LastConnection) - minute(FirstConnection)) * 60) / (Number(Connections) - 1);
  return interval >= 30 && interval <= 3_600 && Number(Connections) >= 5;
}

/** For each actor the best score that any of its keys has; 0 where none has enough connections to be looked at. */
export function scored(
  actors: readonly Actor[],
  keys: readonly Row[],
  score: (key: Row) => number,
): Map<Actor, number> {
  const owners = new Map<string, Actor>();
  for (const actor of actors) {
    for (const { ip, port, url } of actor.destinations) {
      for (const destination of [ip, url, ip.replace(/\d+$/, '0/24')]) {
        const name = `${actor.pid} ${destination} ${port}`;
        if (destination !== '' && (actor.kind === 'implant' || !owners.has(name))) owners.set(name, actor);
      }
    }
  }
  const best = new Map(actors.map((actor) => [actor, 0]));
  for (const key of keys) {
    const actor = owners.get(`${key.ProcessId} ${key.Destination} ${key.RemotePort}`);
    if (actor === undefined) throw new Error(`nobody connects as ${JSON.stringify(key)}`);
    best.set(actor, Math.max(best.get(actor)!, score(key)));
  }
  return best;
}

/** The area under the ROC curve: how often an implant scores above a benign actor, a tie counting half. */
export function area(implants: readonly number[], benign: readonly number[]): number {
  const sorted = [...benign].sort((a, b) => a - b);
  const below = (score: number, orEqual: boolean) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (orEqual ? sorted[middle]! <= score : sorted[middle]! < score) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const won = implants.reduce((sum, score) => sum + (below(score, false) + below(score, true)) / 2, 0);
  return won / (implants.length * benign.length);
}

/** Points of the ROC curve: the share of benign actors and of implants that score at least so much. */
export function curve(implants: readonly number[], benign: readonly number[]): [number, number][] {
  const share = (of: readonly number[], cut: number) => of.filter((score) => score >= cut).length / of.length;
  const sorted = [...benign].sort((a, b) => b - a);
  const cuts = Array.from({ length: 101 }, (_, index) => {
    // Closer together where few benign actors are let through.
    return sorted[Math.min(sorted.length - 1, Math.floor((index / 100) ** 3 * sorted.length))]!;
  });
  return [[0, 0], ...cuts.map((cut): [number, number] => [share(benign, cut), share(implants, cut)]), [1, 1]];
}

/** The slices that are told apart; each is of implants against all benign traffic, or of all against one kind. */
export const IMPLANT_SLICES: Readonly<Record<string, (implant: Actor) => boolean>> = {
  all: () => true,
  'jitter under 20 %': ({ jitter = 0 }) => jitter < 0.2,
  'jitter 20 to 40 %': ({ jitter = 0 }) => jitter >= 0.2 && jitter < 0.4,
  'jitter 40 to 50 %': ({ jitter = 0 }) => jitter >= 0.4,
  'under 20 % missing': ({ missing = 0 }) => missing < 0.2,
  '20 to 40 % missing': ({ missing = 0 }) => missing >= 0.2 && missing < 0.4,
  '40 to 60 % missing': ({ missing = 0 }) => missing >= 0.4,
  'jitter over 40 %, over 35 % missing, 12 beats or more': ({ jitter = 0, missing = 0, recorded }) =>
    jitter > 0.4 && missing > 0.35 && recorded >= 12,
  '8 to 11 beats': ({ recorded }) => recorded < 12,
  '12 to 99 beats': ({ recorded }) => recorded >= 12 && recorded < 100,
  '100 beats or more': ({ recorded }) => recorded >= 100,
  'on one device': ({ campaign }) => campaign === 1,
  'on many devices': ({ campaign }) => campaign !== 1,
};

export const LONER = 'periodic on one device';
