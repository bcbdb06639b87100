import type { DuckDBConnection } from '@duckdb/node-api';
import { all, type Bindings } from '../../../engine/run.ts';
import { bindParameters, type ParameterDefinition } from '../../parameters.ts';
import type { Hunted } from '../hunted.ts';
import type { Filter } from './filter.ts';

/**
 * A filter's condition as SQL, its values being variables whose names begin with `prefix`, which are added to `variables`.
 * Variables rather than parameters: COPY plans before it binds, so that `$name IS NULL OR …` was computed for every
 * row, a twentieth of a first run's processor time.
 */
export function conditionOf(variables: Bindings, prefix: string, filter: Filter, hunted: Hunted): string {
  bind(variables, prefix, filter, hunted);
  // A variable that is null has lost its type.
  const value = (_: string, name: string) =>
    `CAST(getvariable('${prefix}${name}') AS ${variables.types[prefix + name]})`;
  return `(${filter.condition.replace(/\$(\w+)/g, value)})`;
}

/** Gives a connection the variables of its conditions. */
export async function setVariables(connection: DuckDBConnection, { values, types }: Bindings): Promise<void> {
  for (const [name, value] of Object.entries(values))
    await all(connection, `SET VARIABLE ${name} = $value`, {
      values: { value },
      types: { value: types[name] },
    });
}

/** Binds the filter's own parameters; all others, which are bounds of time, are null and let everything through. */
function bind(into: Bindings, prefix: string, filter: Filter, { detection, values }: Hunted): void {
  const used = new Set(Array.from(filter.condition.matchAll(/\$(\w+)/g), ([, name]) => name!));
  const definitions = detection.parameters.filter(({ name }) => used.has(name));
  const given = Object.fromEntries(
    definitions.map((each) => [
      each.name,
      Object.hasOwn(filter.parameters, each.name) ? values[each.name]! : unbounded(each),
    ]),
  );
  const bound = bindParameters(definitions, given, {});
  for (const { name } of definitions) {
    into.values[prefix + name] = bound.values[name]!;
    into.types[prefix + name] = bound.types[name];
  }
}

function unbounded({ name, default: value }: ParameterDefinition): null {
  if (value === null) return null;
  throw new TypeError(
    `a filter depends on ${name}, which its detection's header does not say how to compare`,
  );
}
