import { plantBeacon } from '../beacon.ts';
import type { Ground, Plant } from '../plant.ts';
import { MODEST } from './decoy.ts';
import { AGENTS } from './decoy-agents.ts';
import { TOOLS } from './decoy-tools.ts';

/** Honest software that the detection reports all the same: what an analyst tunes away. */
export function plantDecoys(ground: Ground): Plant[] {
  return [...AGENTS, ...TOOLS].map((decoy) => plantBeacon(ground, { ...MODEST, ...decoy, kind: 'decoy' }));
}
