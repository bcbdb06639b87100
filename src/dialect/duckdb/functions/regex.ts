/** Functions over regular expressions (RE2 in Kusto and in DuckDB). */
import type { Literal } from '../../../plan/scalar.ts';
import { type FunctionTable, row } from '../../function-row.ts';

/** As many groups as DuckDB takes by number; named, there is no limit. */
const NUMBERED_GROUPS = 9;

export const regex: FunctionTable = {
  extract: row('string long string', 'string', 'extract-function', ([pattern, group, s], call) => {
    const index = call.args[1]!.kind === 'literal' ? Number(call.args[1]!.value) : 0;
    if (index <= NUMBERED_GROUPS) return `regexp_extract(${s}, ${pattern}, (${group})::INTEGER)`;
    const names = Array.from({ length: index }, (_, at) => `'g${at + 1}'`);
    return `regexp_extract(${s}, ${pattern}, [${names.join(', ')}]).g${index}`;
  }),
  extract_groups: row('string string dynamic', 'dynamic?', 'extract-all-function', ([pattern, s], call) => {
    const groups = JSON.parse(String((call.args[2] as Literal).value)) as number[];
    const all = (group: number) => `regexp_extract_all(${s}, ${pattern}, ${group})`;
    if (groups.length === 1)
      return `kql_empty_null(list_transform(${all(groups[0]!)}, lambda m: coalesce(m, '')))`;
    const parts = groups.map((_, index) => `coalesce(m[${index + 1}], '')`);
    return `kql_empty_null(list_transform(list_zip(${groups.map(all).join(', ')}), lambda m: [${parts.join(', ')}]))`;
  }),
  replace_regex: row(
    'string string string',
    'string',
    'replace-regex-function',
    ([s, pattern, to]) => `regexp_replace(${s}, ${pattern}, ${to}, 'g')`,
  ),
  // The text before the first match, so that the pattern sees what stands around it.
  indexof_regex: row(
    'string string',
    'long',
    'indexof-regex-function',
    ([s, pattern]) =>
      `CASE WHEN regexp_matches(${s}, ${pattern}) THEN length(regexp_extract(${s}, '\\A((?s:.*?))(?:' || ${pattern} || ')', 1)) ELSE -1 END`,
  ),
  indexof_regex_nth: row(
    'string string long long long',
    'long',
    'indexof-regex-function',
    ([s, pattern, start, count, nth]) => `kql_indexof_regex(${s}, ${pattern}, ${start}, ${count}, ${nth})`,
  ),
  regex_quote: row('string', 'string', 'regex-quote-function', ([s]) => `regexp_escape(${s})`),
};
