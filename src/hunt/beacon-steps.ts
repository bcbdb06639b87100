import { readFileSync } from 'node:fs';

/** Where the beacon analysis lies. */
export const BEACONS = new URL('../../sql/beacon/', import.meta.url);

/** The common table expressions of one of its steps, `sql/beacon/steps/<name>.sql`. */
export function beaconStep(name: string): string {
  return readFileSync(new URL(`steps/${name}.sql`, BEACONS), 'utf8').trim();
}
