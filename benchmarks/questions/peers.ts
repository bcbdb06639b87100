import type { ScaleProfile } from '../../src/sample/scale/scale.ts';
import { entry } from '../contenders/contenders.ts';
import { measure } from '../measure.ts';
import { type Question, ratio, ratios } from '../question.ts';

const PEERS = ['ClickHouse', 'Polars', 'TypeScript loop', 'SQLite'] as const;

export const peers: Question = {
  name: 'peers',
  asks: 'What would it cost with what people would use instead: the same lake, the same rows out?',
  async run(bench) {
    const comparisons = [];
    for (const [profile, rows] of Object.entries(bench.sizes.peers)) {
      const lake = await bench.lake(profile as ScaleProfile, rows);
      const task = { lake: lake.folder, threads: bench.threads, temp: bench.temp };
      const entries = [entry('hunt', task), ...PEERS.map((peer) => entry(peer, task))];
      const results = await measure(entries, bench);
      comparisons.push({
        on: lake.title,
        rows: lake.rows,
        results,
        ratios: ratios(...PEERS.map((peer) => ratio(results, peer, 'hunt'))),
      });
    }
    return comparisons;
  },
};
