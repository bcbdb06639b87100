/** Choice among values. */
import { type FunctionTable, row } from '../../function-row.ts';

export const control: FunctionTable = {
  case: row('any...', 'any?', 'case-function', (args) => {
    const branches: string[] = [];
    for (let index = 0; index + 1 < args.length; index += 2)
      branches.push(`WHEN ${args[index]} THEN ${args[index + 1]}`);
    return `CASE ${branches.join(' ')} ELSE ${args.at(-1)} END`;
  }),
  assert: row(
    'bool string',
    'bool!',
    'assert-function',
    ([test, message]) =>
      `CASE WHEN ${test} THEN TRUE ELSE kql_error('assert() has failed with message: ''' || ${message} || '''') END`,
  ),
  coalesce: row('any...', 'any?', 'coalesce-function', (args, call) =>
    call.type === 'string'
      ? `coalesce(${args
          .slice(0, -1)
          .map((arg) => `nullif(${arg}, '')`)
          .join(', ')}, ${args.at(-1)})`
      : `coalesce(${args.join(', ')})`,
  ),
  string_or_empty: row('any', 'string', 'scalar-data-types/string', ([s]) => `coalesce(${s}, '')`),
};
