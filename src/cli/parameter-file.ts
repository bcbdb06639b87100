import { readFile } from 'node:fs/promises';
import { UsageError } from '../error.ts';
import { fileProblem } from '../file-problem.ts';
import { type ParameterDefinition, type ParameterSettings, resolveParameters } from '../hunt/parameters.ts';
import { parseYaml } from '../yaml.ts';

/**
 * Settings from a JSON or YAML file, under the names that `--set` takes: `window: 30m`, `standard_ports+: [7443]`.
 *
 * @throws UsageError naming the file and, where it is malformed, line and column
 */
export async function parameterFile(
  path: string,
  definitions: readonly ParameterDefinition[],
): Promise<ParameterSettings> {
  const settings = parsed(path, await text(path));
  try {
    resolveParameters(definitions, [settings]);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${path}: ${error.message}`, { hint: error.hint, cause: error });
  }
  return settings;
}

async function text(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`cannot read the parameter file '${path}': ${fileProblem(cause)}`, { cause });
  }
}

const HINT = 'write it as name: value, for example standard_ports: [80, 443]';

function parsed(path: string, source: string): ParameterSettings {
  const read = parseYaml(path, source, HINT);
  if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read as ParameterSettings;
  throw new UsageError(`the parameter file ${path} holds no parameters`, { hint: HINT });
}
