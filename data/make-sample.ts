/**
 * Makes data/sample, the lake that the demo hunts. After a change to src/sample, or a new version of DuckDB:
 *
 *   npm run build && node dist/cli/main.js sample data/sample --seed merganser --devices 40 --days 3
 *
 * or, where node runs TypeScript (22.18 and later): node data/make-sample.ts
 */
import { fileURLToPath } from 'node:url';
import { makeSample } from '../src/sample/sample.ts';

/** What the committed lake was made with. */
export const COMMITTED = { seed: 'merganser', devices: 40, days: 3 } as const;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await makeSample(fileURLToPath(new URL('sample', import.meta.url)), COMMITTED);
}
