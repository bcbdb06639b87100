/** String functions. */
import type { Call } from '../../../plan/scalar.ts';
import { type FunctionTable, literalText, literalTexts, row } from '../../function-row.ts';
import { text } from '../literals.ts';
import { needleList } from './text-search.ts';

export const strings: FunctionTable = {
  strlen: row('string', 'long!', 'strlen-function', ([s]) => `length(${s})`),
  string_size: row('string', 'long!', 'string-size-function', ([s]) => `octet_length(encode(${s}))`),
  tolower: row('string', 'string', 'tolower-function', ([s]) => `lower(${s})`),
  toupper: row('string', 'string', 'toupper-function', ([s]) => `kql_toupper(${s})`),
  reverse: row('string', 'string', 'reverse-function', ([s]) => `kql_reverse(${s})`),
  strcat: row('string...', 'string', 'strcat-function', (args) =>
    args.length === 1 ? args[0]! : `(${args.join(' || ')})`,
  ),
  strcat_delim: row(
    'string string...',
    'string',
    'strcat-delim-function',
    ([delimiter, ...parts]) => `concat_ws(${delimiter}, ${parts.join(', ')})`,
  ),
  strcat_array: row('dynamic string', 'string', 'strcat-array-function', ([list, delimiter], call) =>
    literalText(call.args[1]) === undefined
      ? `kql_strcat_array_by(${list}, ${delimiter})`
      : `kql_strcat_array(${list}, ${delimiter})`,
  ),
  strrep: row(
    'string long string?',
    'string',
    'strrep-function',
    ([s, n, delimiter]) => `kql_strrep(${s}, ${n}, ${delimiter ?? "''"})`,
  ),
  substring: row('string long long?', 'string', 'substring-function', ([s, start, length]) =>
    length === undefined ? `kql_substring_from(${s}, ${start})` : `kql_substring(${s}, ${start}, ${length})`,
  ),
  indexof: row(
    'string string long? long? long?',
    'long?',
    'indexof-function',
    ([s, needle, start, length, occurrence]) =>
      start === undefined
        ? `(instr(${s}, ${needle}) - 1)`
        : `kql_indexof(${s}, ${needle}, ${start}, ${length ?? '-1'}, ${occurrence ?? '1'})`,
  ),
  countof: row('string string string?', 'long', 'countof-function', ([s, needle], call) =>
    literalText(call.args[2]) === 'regex'
      ? `len(regexp_extract_all(${s}, ${needle}))`
      : `kql_countof(${s}, ${needle})`,
  ),
  split: row('string string long?', 'dynamic?', 'split-function', ([s, delimiter, index]) =>
    index === undefined ? `kql_split(${s}, ${delimiter})` : `kql_split_at(${s}, ${delimiter}, ${index})`,
  ),
  replace_string: row(
    'string string string',
    'string',
    'replace-string-function',
    ([s, from, to]) => `replace(${s}, ${from}, ${to})`,
  ),
  // One pass over the text: what a replacement put in is not looked at again.
  replace_strings: row('string dynamic dynamic', 'string', 'replace-strings-function', ([s], call) =>
    replacedStrings(s!, call),
  ),
  translate: row(
    'string string string',
    'string',
    'translate-function',
    ([from, to, s]) => `kql_translate(${from}, ${to}, ${s})`,
  ),
  trim: row('string string', 'string', 'trim-function', ([pattern, s], call) =>
    trimmed(s!, pattern!, literalText(call.args[0]), true, true),
  ),
  trim_start: row('string string', 'string', 'trim-start-function', ([pattern, s], call) =>
    trimmed(s!, pattern!, literalText(call.args[0]), true, false),
  ),
  trim_end: row('string string', 'string', 'trim-end-function', ([pattern, s], call) =>
    trimmed(s!, pattern!, literalText(call.args[0]), false, true),
  ),
  pair_value: row('string string string', 'string', 'parse-kv-operator', ([s, pattern, key]) => {
    const [keys, values] = [1, 2].map((group) => `regexp_extract_all(${s}, ${pattern}, ${group})`);
    return `coalesce(${values}[list_position(list_transform(${keys}, lambda k: trim(k)), ${key})], '')`;
  }),
  greedy_value: row(
    'string string',
    'string',
    'parse-kv-operator',
    ([value, another]) =>
      `CASE WHEN regexp_matches(${value}, ${another}) THEN kql_error('parse-kv with greedy=true met a key that is not listed: list every key that the text has')::VARCHAR ELSE ${value} END`,
  ),
  unescaped_value: row(
    'string string string',
    'string',
    'parse-kv-operator',
    ([value, escaped, other]) =>
      `CASE WHEN regexp_matches(${value}, ${other}) THEN kql_error('parse-kv with escape= met an escape before what is no quote: take it out with replace_string() first')::VARCHAR ELSE regexp_replace(${value}, ${escaped}, '\\1', 'g') END`,
  ),
  trimmed_blank: row('string', 'string', 'parse-kv-operator', ([s]) => `trim(${s})`),
  isempty: row('any', 'bool!', 'isempty-function', ([s], call) =>
    call.args[0]!.type === 'string'
      ? `(${s} = '')`
      : call.args[0]!.type === 'dynamic'
        ? `(coalesce(json_extract_string(${s}, '$'), '') = '')`
        : `(${s} IS NULL)`,
  ),
  isnotempty: row('any', 'bool!', 'isnotempty-function', ([s], call) =>
    call.args[0]!.type === 'string'
      ? `(${s} <> '')`
      : call.args[0]!.type === 'dynamic'
        ? `(coalesce(json_extract_string(${s}, '$'), '') <> '')`
        : `(${s} IS NOT NULL)`,
  ),
  isnull: row('any', 'bool!', 'isnull-function', ([x], call) =>
    call.args[0]!.type === 'string' ? 'FALSE' : `(${x} IS NULL)`,
  ),
  isnotnull: row('any', 'bool!', 'isnotnull-function', ([x], call) =>
    call.args[0]!.type === 'string' ? 'TRUE' : `(${x} IS NOT NULL)`,
  ),
  isascii: row('string', 'bool!', 'isascii-function', ([s]) => `(octet_length(encode(${s})) = length(${s}))`),
  isutf8: row('string', 'bool!', 'isutf8-function', () => 'TRUE'),
  strcmp: row(
    'string string',
    'long!',
    'strcmp-function',
    ([a, b]) => `CASE WHEN ${a} < ${b} THEN -1 WHEN ${a} > ${b} THEN 1 ELSE 0 END`,
  ),
  tohex: row('long long?', 'string', 'tohex-function', ([n, width], call) => {
    const hex = `lower(to_hex(${n}))`;
    const padded =
      width === undefined
        ? hex
        : `CASE WHEN length(${hex}) < ${width} THEN lpad(${hex}, least(${width}, 16)::INTEGER, '0') ELSE ${hex} END`;
    return call.args[0]!.nullable ? `coalesce(${padded}, '')` : padded;
  }),
  make_string: row('any...', 'string', 'unicode-codepoints-to-string-function', (args, call) =>
    codepoints(
      args,
      call.args.map((arg) => arg.type),
    ),
  ),
  unicode_codepoints_from_string: row(
    'string',
    'dynamic!',
    'unicode-codepoints-from-string-function',
    ([s]) => `kql_codepoints(${s})`,
  ),
  has_any_index: row(
    'string dynamic',
    'long!',
    'has-any-index-function',
    ([s, list], call) => `kql_has_any_index(${s}, ${needleList(list!, call)})`,
  ),
  parse_url: row('string', 'dynamic?', 'parse-url-function', ([s]) => `js_parse_url(${s})::JSON`),
  parse_xml: row('string', 'dynamic?', 'parse-xml-function', ([s]) => `js_parse_xml(${s})::JSON`),
  parse_urlquery: row(
    'string',
    'dynamic?',
    'parse-url-query-function',
    ([s]) => `js_parse_urlquery(${s})::JSON`,
  ),
  parse_path: row('string', 'dynamic?', 'parse-path-function', ([s]) => `js_parse_path(${s})::JSON`),
  parse_command_line_windows: row(
    'string',
    'dynamic?',
    'parse-command-line-function',
    ([s]) => `js_parse_command_line(${s})::JSON`,
  ),
  parse_csv: row('string', 'dynamic?', 'parse-csv-function', ([s]) => `js_parse_csv(${s})::JSON`),
  parse_version: row('string', 'decimal?', 'parse-version-function', ([s]) => `kql_parse_version(${s})`),
  xxhash64_text: row('string', 'long', 'hash-xxhash64-function', ([s]) => `js_xxhash64_text(${s})`),
  xxhash64_long: row('long', 'long', 'hash-xxhash64-function', ([n]) => `js_xxhash64_long(${n})`),
  gzip_decompress_from_base64_string: row(
    'string',
    'string',
    'gzip-base64-decompress',
    ([s]) => `js_gunzip(${s})`,
  ),
  zlib_decompress_from_base64_string: row(
    'string',
    'string',
    'zlib-base64-decompress-function',
    ([s]) => `js_inflate(${s})`,
  ),
  // The first three groups stand in the bytes from their ends.
  base64_encode_fromguid: row('guid', 'string', 'base64-encode-fromguid-function', ([guid]) => {
    const hex = `replace((${guid})::VARCHAR, '-', '')`;
    const pairs = [7, 5, 3, 1, 11, 9, 15, 13].map((at) => `substring(${hex}, ${at}, 2)`);
    return `coalesce(base64(unhex(${pairs.join(' || ')} || substring(${hex}, 17))), '')`;
  }),
  base64_decode_toguid: row(
    'string',
    'guid?',
    'base64-decode-toguid-function',
    ([s]) => `kql_base64_guid(${s})`,
  ),
  base64_encode_fromarray: row(
    'dynamic',
    'string',
    'base64-encode-fromarray-function',
    ([d]) => `coalesce(kql_base64_array(${d}), '')`,
  ),
  format_bytes: row(
    'real long? string?',
    'string',
    'format-bytes-function',
    ([n, digits, unit]) => `kql_format_bytes(${n}, ${digits ?? '0'}, ${unit ?? "''"})`,
  ),
  punycode_from_string: row(
    'string',
    'string',
    'punycode-from-string-function',
    ([s]) => `js_punycode_from_string(${s})`,
  ),
  punycode_to_string: row(
    'string',
    'string',
    'punycode-to-string-function',
    ([s]) => `js_punycode_to_string(${s})`,
  ),
  punycode_domain_from_string: row(
    'string',
    'string',
    'punycode-domain-from-string-function',
    ([s]) => `js_punycode_domain_from_string(${s})`,
  ),
  punycode_domain_to_string: row(
    'string',
    'string',
    'punycode-domain-to-string-function',
    ([s]) => `js_punycode_domain_to_string(${s})`,
  ),
  base64_encode_tostring: row(
    'string',
    'string',
    'base64-encode-tostring-function',
    ([s]) => `to_base64(encode(${s}))`,
  ),
  base64_decode_tostring: row(
    'string',
    'string',
    'base64-decode-tostring-function',
    ([s]) => `kql_base64_text(${s})`,
  ),
  base64_decode_toarray: row(
    'string',
    'dynamic?',
    'base64-decode-toarray-function',
    ([s]) => `kql_base64_bytes(${s})`,
  ),
  url_decode: row('string', 'string', 'url-decode-function', ([s]) => `kql_url_decode(${s})`),
  url_encode_component: row(
    'string',
    'string',
    'url-encode-component-function',
    ([s]) => `kql_url_encode(${s})`,
  ),
  hash_md5: row('string', 'string', 'md5-hash-function', ([s]) => `md5(${s})`),
  hash_sha1: row('string', 'string', 'sha1-hash-function', ([s]) => `sha1(${s})`),
  hash_sha256: row('string', 'string', 'sha256-hash-function', ([s]) => `sha256(${s})`),
};

/** Every needle becomes a mark of its own, then every mark its replacement; private-use characters stand in no data. */
function replacedStrings(s: string, call: Call): string {
  const [from, to] = call.args.slice(1).map(literalTexts) as [string[], string[]];
  const mark = (index: number): string => text(String.fromCodePoint(0xf0000 + index));
  const marked = from.reduce((sql, needle, index) => `replace(${sql}, ${text(needle)}, ${mark(index)})`, s);
  return to.reduce(
    (sql, replacement, index) => `replace(${sql}, ${mark(index)}, ${text(replacement)})`,
    marked,
  );
}

function codepoints(args: readonly string[], types: readonly string[]): string {
  const parts = args.map((arg, index) =>
    types[index] === 'dynamic' ? `kql_codepoints_text(${arg})` : `kql_chr(${arg})`,
  );
  return `coalesce(${parts.join(' || ')}, '')`;
}

/** `trim` takes a regular expression that is removed once at each end. */
function trimmed(
  s: string,
  pattern: string,
  known: string | undefined,
  start: boolean,
  end: boolean,
): string {
  const at = (form: (body: string) => string): string =>
    known === undefined ? `'${form("' || x || '")}'`.replace('x', () => pattern) : text(form(known));
  const left = start ? `regexp_replace(${s}, ${at((body) => `^(?:${body})`)}, '')` : s;
  return end ? `regexp_replace(${left}, ${at((body) => `(?:${body})$`)}, '')` : left;
}
