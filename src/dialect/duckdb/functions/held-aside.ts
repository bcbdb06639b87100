/** Functions that take an argument into a lambda or TRY, where DuckDB allows no subquery, and what is done about it. */

const NAMES: ReadonlySet<string> = new Set(
  `strcat_array indexof countof translate base64_decode_toarray base64_decode_tostring array_split array_iff
  array_sort_by range_datetime range_timespan range_real range_long array_rotate_left array_rotate_right
  array_shift_left array_shift_right bag_remove_keys bag_merge bag_set_key bag_entries bag_zip repeat set_difference
  set_intersect set_union jaccard_index zip elements elements_arrays ipv4_is_in_any_range_array series_add
  series_subtract series_multiply series_divide series_greater series_greater_equals series_less series_less_equals
  series_equals series_not_equals series_pow series_dot_product series_pearson_correlation series_fill_forward
  series_fill_backward series_fill_const`.split(/\s+/),
);

/** The call's SQL, with arguments that hold a subquery (`toscalar`) computed before the lambda sees them. */
export function heldAside(
  name: string,
  args: readonly string[],
  sql: (args: readonly string[]) => string,
): string {
  const asks = (arg: string): boolean => arg.includes('(SELECT ');
  if (!NAMES.has(name) || !args.some(asks)) return sql(args);
  const fields = args.flatMap((arg, index) => (asks(arg) ? [`'a${index}': ${arg}`] : []));
  const inner = sql(args.map((arg, index) => (asks(arg) ? `held.a${index}` : arg)));
  return `list_transform([{${fields.join(', ')}}], lambda held: ${inner})[1]`;
}
