import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The YAML library, loaded when something is first read with it: most runs read none, and it takes a cold hunt's tenth. */
export function yaml(): typeof import('yaml') {
  return require('yaml') as typeof import('yaml');
}
