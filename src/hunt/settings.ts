import type { Detection } from './detection/detection.ts';
import type { ParameterSettings } from './parameters.ts';

/**
 * Of settings that are meant for several detections, what goes to some of them: each takes what it has. What none of them
 * all has goes to each, and is an error there.
 */
export function settingsFor(
  some: readonly Detection[],
  all: readonly Detection[],
  layers: readonly ParameterSettings[],
): ParameterSettings[] {
  const has = (key: string) => {
    const name = key.replace(/[+-]$/, '');
    return ({ parameters }: Detection) => parameters.some((each) => each.name === name);
  };
  const kept = ([key]: [string, unknown]) => some.some(has(key)) || !all.some(has(key));
  return layers.map((layer) => Object.fromEntries(Object.entries(layer).filter(kept)));
}
