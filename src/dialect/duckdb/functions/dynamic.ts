/** Dynamic values: arrays, bags, JSON. Their one form between operators is DuckDB's JSON; null is SQL's null. */
import type { Call } from '../../../plan/scalar.ts';
import { type FunctionTable, row } from '../../function-row.ts';
import { toDynamic } from './conversions.ts';

export const dynamic: FunctionTable = {
  // Printed by the scalar printer, a chain of steps at once.
  path: row(
    'dynamic any',
    'dynamic?',
    'scalar-data-types/dynamic',
    (args) => `json_extract(${args.join(', ')})`,
  ),
  at: row('dynamic dynamic', 'dynamic?', 'scalar-data-types/dynamic', ([d, key]) => `kql_at(${d}, ${key})`),
  parse_json: row('string', 'dynamic?', 'parse-json-function', ([s]) => `kql_parse_json(${s})`),
  dynamic_to_json: row(
    'dynamic',
    'string',
    'dynamic-to-json-function',
    ([d]) => `coalesce(js_canonical_json((${d})::VARCHAR), '')`,
  ),
  treepath: row('dynamic', 'dynamic?', 'treepath-function', ([d]) => `js_treepath((${d})::VARCHAR)::JSON`),
  array_split: row(
    'dynamic dynamic',
    'dynamic?',
    'array-split-function',
    ([d, at]) => `kql_array_split(${d}, ${at})`,
  ),
  array_length: row('dynamic', 'long?', 'array-length-function', ([d]) => `kql_array_length(${d})`),
  array_concat: row(
    'dynamic...',
    'dynamic!',
    'array-concat-function',
    (args) =>
      `coalesce(to_json(list_concat(${args.map((arg) => `kql_array(${arg})`).join(', ')})), '[]'::JSON)`,
  ),
  array_slice: row(
    'dynamic long long',
    'dynamic?',
    'array-slice-function',
    ([d, from, to]) => `kql_array_slice(${d}, ${from}, ${to})`,
  ),
  array_sum: row('dynamic', 'real?', 'array-sum-function', ([d]) => `kql_array_sum(${d})`),
  array_reverse: row(
    'dynamic',
    'dynamic?',
    'array-reverse-function',
    ([d]) => `to_json(list_reverse(kql_array(${d})))`,
  ),
  array_index_of: row(
    'dynamic any long? long? long?',
    'long?',
    'array-index-of-function',
    ([d, x, ...where], call) => {
      const within = sought([d!, x!], call).join(', ');
      if (where.length === 0) return `kql_array_index_of(${within})`;
      const [start, count = '-1', nth = '1'] = where;
      return `kql_array_index_of_nth(${within}, ${start}, ${count}, ${nth})`;
    },
  ),
  array_iff: row(
    'dynamic any any',
    'dynamic?',
    'array-iff-function',
    ([d, a, b], call) =>
      `kql_array_iff(${d}, ${toDynamic(a!, call.args[1]!.type)}, ${toDynamic(b!, call.args[2]!.type)})`,
  ),
  array_sort_asc: row(
    'dynamic bool?',
    'dynamic?',
    'array-sort-asc-function',
    ([d, last]) => `kql_array_sort(${d}, TRUE, ${last ?? 'TRUE'})`,
  ),
  array_sort_desc: row(
    'dynamic bool?',
    'dynamic?',
    'array-sort-desc-function',
    ([d, last]) => `kql_array_sort(${d}, FALSE, ${last ?? 'TRUE'})`,
  ),
  array_sort_by: row(
    'dynamic dynamic bool bool',
    'dynamic?',
    'array-sort-asc-function',
    ([d, by, ascending, last]) => `kql_array_sort_by(${d}, ${by}, ${ascending}, ${last})`,
  ),
  range_datetime: row(
    'datetime datetime timespan',
    'dynamic?',
    'range-function',
    ([from, to, step]) =>
      `to_json(list_transform(kql_range(epoch_us(${from}), epoch_us(${to}), (${step}) // 10), lambda t: kql_datetime_text(make_timestamp(t))))`,
  ),
  range_timespan: row(
    'timespan timespan timespan',
    'dynamic?',
    'range-function',
    ([from, to, step]) =>
      `to_json(list_transform(kql_range(${from}, ${to}, ${step}), lambda t: kql_timespan_text(t)))`,
  ),
  range_real: row(
    'real real real',
    'dynamic?',
    'range-function',
    ([from, to, step]) => `kql_series_json(kql_range_real(${from}, ${to}, ${step}))`,
  ),
  array_rotate_left: row(
    'dynamic long',
    'dynamic?',
    'array-rotate-left-function',
    ([d, n]) => `kql_array_rotate(${d}, ${n})`,
  ),
  array_rotate_right: row(
    'dynamic long',
    'dynamic?',
    'array-rotate-right-function',
    ([d, n]) => `kql_array_rotate(${d}, -((${n})::HUGEINT))`,
  ),
  array_shift_left: row(
    'dynamic long dynamic?',
    'dynamic?',
    'array-shift-left-function',
    ([d, n, fill]) => `kql_array_shift(${d}, ${n}, ${fill ?? `kql_shift_fill(${d})`})`,
  ),
  array_shift_right: row(
    'dynamic long dynamic?',
    'dynamic?',
    'array-shift-right-function',
    ([d, n, fill]) => `kql_array_shift(${d}, -((${n})::HUGEINT), ${fill ?? `kql_shift_fill(${d})`})`,
  ),
  pack_array: row(
    'dynamic...',
    'dynamic!',
    'pack-array-function',
    (args) => `json_array(${args.join(', ')})`,
  ),
  bag_pack: row('any...', 'dynamic!', 'bag-pack-function', (args) => `json_object(${args.join(', ')})`),
  bag_keys: row('dynamic', 'dynamic?', 'bag-keys-function', ([d]) => `kql_bag_keys(${d})`),
  bag_has_key: row(
    'dynamic string',
    'bool',
    'bag-has-key-function',
    ([d, key], call) =>
      `list_contains(json_keys(${d}), ${call.args[1]!.kind === 'literal' ? key : `kql_no_path(${key})`})`,
  ),
  bag_on_path: row('dynamic', 'dynamic!', 'bag-set-key-function', ([d]) => `kql_bag_on_path(${d})`),
  bag_remove_keys: row(
    'dynamic dynamic',
    'dynamic?',
    'bag-remove-keys-function',
    ([d, keys]) => `kql_bag_remove_keys(${d}, kql_texts(${keys}))`,
  ),
  bag_remove_given_keys: row(
    'dynamic dynamic',
    'dynamic?',
    'bag-remove-keys-function',
    ([d, keys]) =>
      `kql_bag_remove_keys(${d}, list_transform(kql_texts(${keys}), lambda key: kql_no_path(key)))`,
  ),
  bag_has_path: row(
    'dynamic string',
    'bool',
    'bag-has-key-function',
    ([d, path]) => `json_exists(${d}, ${path})`,
  ),
  // The patch holds null under the last name of the path.
  bag_remove_path: row(
    'dynamic string string',
    'dynamic?',
    'bag-remove-keys-function',
    ([d, path, patch]) => `kql_bag_without_path(${d}, ${path}, ${patch})`,
  ),
  bag_without_empty: row('dynamic', 'dynamic?', 'pack-all-function', ([d]) => `kql_bag_without_empty(${d})`),
  bag_merge: row('dynamic dynamic...', 'dynamic?', 'bag-merge-function', (args) =>
    args.reduce((merged, next) => `kql_bag_merge(${merged}, ${next})`),
  ),
  bag_set_key: row(
    'dynamic string any',
    'dynamic?',
    'bag-set-key-function',
    ([d, key, x], call) => `kql_bag_set_key(${d}, ${key}, ${toDynamic(x!, call.args[2]!.type)})`,
  ),
  repeat: row(
    'any long',
    'dynamic?',
    'repeat-function',
    ([x, count], call) => `kql_repeat(${toDynamic(x!, call.args[0]!.type)}, ${count})`,
  ),
  dcount_hll: row(
    'dynamic',
    'long?',
    'dcount-hll-function',
    ([d]) => `CASE WHEN json_type(${d}) = 'ARRAY' THEN json_array_length(${d})::BIGINT END`,
  ),
  hll_merge: row('dynamic dynamic...', 'dynamic?', 'hll-merge-function', (args) =>
    args.reduce((a, b) => `kql_set_union(${a}, ${b})`),
  ),
  bag_zip: row(
    'dynamic dynamic',
    'dynamic?',
    'bag-zip-function',
    ([keys, values]) => `kql_bag_zip(${keys}, ${values})`,
  ),
  set_has_element: row(
    'dynamic any',
    'bool',
    'set-has-element-function',
    (args, call) => `kql_set_has_element(${sought(args, call).join(', ')})`,
  ),
  set_difference: row('dynamic dynamic...', 'dynamic?', 'set-difference-function', (args) =>
    args.reduce((a, b) => `kql_set_difference(${a}, ${b})`),
  ),
  set_intersect: row('dynamic dynamic...', 'dynamic?', 'set-intersect-function', (args) =>
    args.reduce((a, b) => `kql_set_intersect(${a}, ${b})`),
  ),
  set_union: row('dynamic dynamic...', 'dynamic?', 'set-union-function', (args) =>
    args.reduce((a, b) => `kql_set_union(${a}, ${b})`),
  ),
  jaccard_index: row(
    'dynamic dynamic',
    'real?',
    'jaccard-index-function',
    ([a, b]) => `kql_jaccard_index(${a}, ${b})`,
  ),
  zip: row('dynamic dynamic...', 'dynamic?', 'zip-function', (args) => {
    const lists = args.map((arg) => `kql_array_or_value(${arg})`).join(', ');
    const parts = args.map((_, index) => `e[${index + 1}]`).join(', ');
    return `to_json(list_transform(list_zip(${lists}), lambda e: [${parts}]))`;
  }),
  range_long: row(
    'long long long',
    'dynamic?',
    'range-function',
    ([from, to, step]) => `to_json(kql_range(${from}, ${to}, ${step}))`,
  ),
  gettype_dynamic: row('dynamic', 'string', 'gettype-function', ([d]) => `kql_gettype(${d})`),
  bag_entries: row('dynamic', 'dynamic?', 'bag-unpack-plugin', ([d]) => `kql_bag_entries(${d})`),
  elements: row('dynamic', 'dynamic?', 'mv-expand-operator', ([d]) => `kql_elements(${d})`),
  elements_arrays: row('dynamic', 'dynamic?', 'mv-expand-operator', ([d]) => `kql_elements_as_arrays(${d})`),
  needle: row(
    'dynamic',
    'dynamic',
    'has-any-operator',
    ([d]) =>
      `CASE WHEN json_type(${d}) = 'ARRAY' THEN kql_error('has_any and has_all met a table of arrays: mv-expand them, or hand one over with toscalar()')::JSON ELSE ${d} END`,
  ),
  elements_flat: row('dynamic', 'dynamic?', 'in-cs-operator', ([d]) => `kql_flat(${d})`),
  first_elements: row('dynamic long', 'dynamic?', 'mv-expand-operator', ([list, n]) => `(${list})[:${n}]`),
  element_number: row('dynamic', 'dynamic?', 'mv-expand-operator', ([d]) => `kql_element_number(${d})`),
  element_int: row('dynamic', 'dynamic?', 'mv-expand-operator', ([d]) => `kql_element_int(${d})`),
  element_text: row('dynamic', 'dynamic?', 'mv-expand-operator', ([d]) => `kql_element_text(${d})`),
  as_number: row('dynamic', 'real?', 'scalar-data-types/dynamic', ([d]) => `kql_dynamic_number(${d})`),
  as_bool: row(
    'dynamic',
    'bool?',
    'scalar-data-types/dynamic',
    ([d]) => `CASE WHEN json_type(${d}) = 'BOOLEAN' THEN TRY_CAST(${d} AS BOOLEAN) END`,
  ),
  extract_json: row(
    'string string',
    'string',
    'extract-json-function',
    ([path, s]) => `kql_extract_json(${path}, ${s})`,
  ),
};

/** The array and what is sought in it. A decimal is there as its text, where one was put in, or as a number. */
function sought([d, x]: readonly string[], call: Call): [array: string, element: string] {
  const type = call.args[1]!.type;
  if (type !== 'decimal') return [d!, toDynamic(x!, type)];
  return [`kql_text_as_number(${d}, ${toDynamic(x!, type)})`, toDynamic(`(${x})::DOUBLE`, 'real')];
}
