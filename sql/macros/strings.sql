-- Strings are never null; positions count characters from 0.

-- A letter without an upper form of one character stays; the engine's upper() turns ß into the rare ẞ.
CREATE OR REPLACE TEMP MACRO kql_toupper(s) AS
    CASE WHEN contains(s, 'ß')
        THEN array_to_string(list_transform(string_split(s, 'ß'), lambda part: upper(part)), 'ß')
        ELSE upper(s) END;

-- From a negative start counts back from the end; before the beginning there is nothing to take.
CREATE OR REPLACE TEMP MACRO kql_substring_from(s, start) AS
    CASE
        WHEN start IS NULL THEN ''
        WHEN start < -length(s) THEN s
        WHEN start < 0 THEN substring(s, length(s) + (start) + 1)
        ELSE substring(s, least(start, length(s)) + 1)
    END;
CREATE OR REPLACE TEMP MACRO kql_substring(s, start, len) AS
    CASE
        WHEN start IS NULL OR len IS NULL OR len <= 0 THEN ''
        WHEN start < -length(s) THEN
            substring(s, 1, greatest(least(len, 4294967295) + greatest(start, -4294967295) + length(s), 0))
        WHEN start < 0 THEN substring(s, length(s) + (start) + 1, least(len, length(s)))
        ELSE substring(s, least(start, length(s)) + 1, least(len, length(s)))
    END;

-- A length limits where the match may start, whatever the page's remark says: its example's answer is so.
CREATE OR REPLACE TEMP MACRO kql_indexof(s, needle, start, len, occurrence) AS
    CASE
        WHEN len < -1 OR occurrence < 0 THEN NULL
        WHEN start < -length(s) THEN -1
        -- The first one is sought at once: to look at each place in a long text takes the square of its length.
        WHEN occurrence = 1 AND needle <> '' THEN coalesce(
            nullif(
                strpos(
                    substring(s, kql_start(s, start) + 1, CASE WHEN len < 0 THEN length(s) ELSE least(len, length(s)) + length(needle) - 1 END),
                    needle),
                0) - 1 + kql_start(s, start),
            -1)
        ELSE coalesce(
            list_extract(
                list_filter(
                    range(kql_start(s, start),
                        CASE WHEN len < 0 THEN length(s) - length(needle) + 1
                            ELSE least(length(s) - length(needle) + 1, kql_start(s, start) + least(len, length(s))) END),
                    lambda i: substring(s, i + 1, length(needle)) = needle),
                occurrence),
            -1)
    END;
CREATE OR REPLACE TEMP MACRO kql_start(s, start) AS
    CASE WHEN start < 0 THEN length(s) + least(start, 0) ELSE least(start, length(s)) END;

-- Overlapping occurrences count. A text that does not end as it begins never overlaps itself, and is counted by what
-- stands between: to look at each place takes the square of a text's length.
CREATE OR REPLACE TEMP MACRO kql_countof(s, needle) AS
    CASE WHEN needle = '' THEN 0
        WHEN len(list_filter(range(1, length(needle)), lambda i: left(needle, i) = right(needle, i))) = 0
        THEN len(string_split(s, needle)) - 1
        ELSE len(list_filter(range(1, length(s) - length(needle) + 2), lambda i: substring(s, i, length(needle)) = needle))
    END;

CREATE OR REPLACE TEMP MACRO kql_split(s, delimiter) AS
    CASE WHEN delimiter = '' THEN to_json([s]) ELSE to_json(string_split(s, delimiter)) END;
CREATE OR REPLACE TEMP MACRO kql_split_at(s, delimiter, i) AS
    CASE WHEN i >= 0 AND i < len(string_split(s, delimiter)) THEN to_json([string_split(s, delimiter)[(i) + 1]]) END;

CREATE OR REPLACE TEMP MACRO kql_strcat_array(list, delimiter) AS
    coalesce(array_to_string(
        list_transform(kql_array(list), lambda x: coalesce(json_extract_string(x, '$'), '')), delimiter), '');

-- A delimiter that differs per row, which array_to_string does not take.
CREATE OR REPLACE TEMP MACRO kql_strcat_array_by(list, delimiter) AS
    CASE WHEN len(kql_texts(list)) > 0 THEN list_reduce(kql_texts(list), lambda a, b: a || delimiter || b) ELSE '' END;

-- 1,024 times at most.
CREATE OR REPLACE TEMP MACRO kql_strrep(s, n, delimiter) AS
    CASE WHEN n IS NULL OR n <= 0 THEN ''
        ELSE s || repeat(delimiter || s, least(n, 1024) - 1) END;

CREATE OR REPLACE TEMP MACRO kql_reverse(s) AS coalesce(array_to_string(list_reverse(string_split(s, '')), ''), '');

CREATE OR REPLACE TEMP MACRO kql_translate(search, replacement, s) AS
    CASE WHEN s = '' THEN '' ELSE coalesce(array_to_string(list_transform(string_split(s, ''), lambda c:
        CASE
            WHEN instr(search, c) = 0 THEN c
            WHEN replacement = '' THEN ''
            ELSE substring(replacement, least(instr(search, c), length(replacement)), 1)
        END), ''), '') END;

CREATE OR REPLACE TEMP MACRO kql_base64_text(s) AS
    coalesce(CASE WHEN regexp_full_match(s, '([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?')
        THEN TRY(decode(from_base64(s))) END, '');
CREATE OR REPLACE TEMP MACRO kql_base64_bytes(s) AS
    CASE WHEN regexp_full_match(s, '([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?') AND s <> ''
        THEN to_json(list_transform(regexp_extract_all(hex(from_base64(s)), '..'), lambda b: ('0x' || b)::BIGINT)) END;

-- Null for what is no code point, so that nothing is made of the rest either.
CREATE OR REPLACE TEMP MACRO kql_chr(n) AS
    CASE WHEN (n) BETWEEN 0 AND 55295 OR (n) BETWEEN 57344 AND 1114111 THEN chr((n)::INTEGER) END;
CREATE OR REPLACE TEMP MACRO kql_codepoints_text(list) AS
    CASE WHEN coalesce(len(list_filter(kql_array(list), lambda c: kql_chr(TRY_CAST(c AS INTEGER)) IS NULL)), 0) = 0
        THEN coalesce(array_to_string(list_transform(kql_array(list), lambda c: kql_chr(TRY_CAST(c AS INTEGER))), ''), '') END;
CREATE OR REPLACE TEMP MACRO kql_codepoints(s) AS
    CASE WHEN s = '' THEN to_json([]::INTEGER[]) ELSE to_json(list_transform(string_split(s, ''), lambda c: unicode(c))) END;

-- Hexadecimal digits in lower case. Every part but the first begins with two of them; the mark in front makes it so of all.
CREATE OR REPLACE TEMP MACRO kql_url_encode(s) AS
    substring(array_to_string(list_transform(string_split('%00' || url_encode(s), '%'),
        lambda part: lower(part[:2]) || part[3:]), '%'), 4);

-- The pattern is built per row only where the needle occurs at all: building it costs far more than looking.
-- A needle as whole terms, for needles known only per row: letters and digits make terms.
CREATE OR REPLACE TEMP MACRO kql_has_both(s, needle) AS
    CASE WHEN contains(s, needle) THEN regexp_matches(s,
        CASE WHEN regexp_matches(needle, '^[\p{L}\p{N}]') THEN '(?:^|[^\p{L}\p{N}])' ELSE '' END
        || regexp_escape(needle)
        || CASE WHEN regexp_matches(needle, '[\p{L}\p{N}]$') THEN '(?:$|[^\p{L}\p{N}])' ELSE '' END) ELSE FALSE END;
CREATE OR REPLACE TEMP MACRO kql_has_start(s, needle) AS
    CASE WHEN contains(s, needle) THEN regexp_matches(s,
        CASE WHEN regexp_matches(needle, '^[\p{L}\p{N}]') THEN '(?:^|[^\p{L}\p{N}])' ELSE '' END || regexp_escape(needle)) ELSE FALSE END;
CREATE OR REPLACE TEMP MACRO kql_has_end(s, needle) AS
    CASE WHEN contains(s, needle) THEN regexp_matches(s,
        regexp_escape(needle) || CASE WHEN regexp_matches(needle, '[\p{L}\p{N}]$') THEN '(?:$|[^\p{L}\p{N}])' ELSE '' END) ELSE FALSE END;

-- Every term between two marks that stand in no text (Unicode keeps both code points out of it): a needle occurs as whole
-- terms exactly where, marked alike, it occurs at all. No pattern is built per needle or row.
CREATE OR REPLACE TEMP MACRO kql_marked(s) AS
    regexp_replace(s, '([\p{L}\p{N}]+)', chr(64976) || '\1' || chr(64977), 'g');
CREATE OR REPLACE TEMP MACRO kql_needles(list) AS list_transform(kql_texts(list), lambda n: kql_marked(lower(n)));

-- Text and needles go into the lambda as one value: it would compute them anew for every needle, and takes no subquery.
CREATE OR REPLACE TEMP MACRO kql_has_any(s, needles) AS
    coalesce(list_transform([{'text': kql_marked(lower(s)), 'needles': needles}],
        lambda x: len(list_filter(x.needles, lambda n: contains(x.text, n))) > 0)[1], FALSE);
CREATE OR REPLACE TEMP MACRO kql_has_all(s, needles) AS
    coalesce(list_transform([{'text': kql_marked(lower(s)), 'needles': needles}],
        lambda x: len(list_filter(x.needles, lambda n: NOT contains(x.text, n))) = 0)[1], FALSE);
-- Of a list in a column: marks are put only where the plain text has a needle, as most rows have none.
CREATE OR REPLACE TEMP MACRO kql_has_any_listed(s, list) AS
    CASE WHEN coalesce(list_transform([{'text': lower(s), 'needles': kql_texts(list)}],
            lambda x: len(list_filter(x.needles, lambda n: contains(x.text, lower(n)))) > 0)[1], FALSE)
        THEN kql_has_any(s, kql_needles(list)) ELSE FALSE END;
CREATE OR REPLACE TEMP MACRO kql_has_all_listed(s, list) AS
    CASE WHEN coalesce(list_transform([{'text': lower(s), 'needles': kql_texts(list)}],
            lambda x: len(list_filter(x.needles, lambda n: NOT contains(x.text, lower(n)))) = 0)[1], FALSE)
        THEN kql_has_all(s, kql_needles(list)) ELSE FALSE END;
CREATE OR REPLACE TEMP MACRO kql_has_any_index(s, needles) AS
    coalesce(nullif(list_transform([{'text': kql_marked(lower(s)), 'needles': needles}],
        lambda x: list_position(list_transform(x.needles, lambda n: contains(x.text, n)), TRUE))[1], 0), 0) - 1;

-- Up to four parts of up to eight digits, as one number to compare by.
CREATE OR REPLACE TEMP MACRO kql_parse_version(s) AS
    CASE WHEN regexp_full_match(s, '\d{1,8}(\.\d{1,8}){0,3}') THEN
        split_part(s, '.', 1)::HUGEINT * 1000000000000000000000000::HUGEINT
        + coalesce(TRY_CAST(split_part(s, '.', 2) AS HUGEINT), 0) * 10000000000000000::HUGEINT
        + coalesce(TRY_CAST(split_part(s, '.', 3) AS HUGEINT), 0) * 100000000::HUGEINT
        + coalesce(TRY_CAST(split_part(s, '.', 4) AS HUGEINT), 0)
    END;

-- The first three groups of a guid stand in little-endian order.
CREATE OR REPLACE TEMP MACRO kql_base64_guid(s) AS
    CASE WHEN regexp_full_match(s, '[A-Za-z0-9+/]{22}==') THEN
        TRY_CAST(regexp_replace(lower(hex(from_base64(s)))[:20],
            '^(..)(..)(..)(..)(..)(..)(..)(..)(....)$', '\4\3\2\1-\6\5-\8\7-\9') || '-' || lower(hex(from_base64(s)))[21:] AS UUID)
    END;
CREATE OR REPLACE TEMP MACRO kql_base64_array(d) AS
    CASE WHEN len(list_filter(kql_array(d), lambda b: TRY_CAST(b AS UTINYINT) IS NULL)) = 0 THEN to_base64(unhex(array_to_string(list_transform(kql_array(d), lambda b: lpad(to_hex(TRY_CAST(b AS UTINYINT)::BIGINT), 2, '0')), ''))) END;

CREATE OR REPLACE TEMP MACRO kql_format_bytes(n, digits, unit) AS
    CASE
        WHEN unit = 'Bytes' OR (unit = '' AND abs(n) < 1024) THEN kql_rounded_text(n, digits) || ' Bytes'
        WHEN unit = 'KB' OR (unit = '' AND abs(n) < 1048576) THEN kql_rounded_text(n / 1024, digits) || ' KB'
        WHEN unit = 'MB' OR (unit = '' AND abs(n) < 1073741824) THEN kql_rounded_text(n / 1048576, digits) || ' MB'
        WHEN unit = 'GB' OR (unit = '' AND abs(n) < 1099511627776) THEN kql_rounded_text(n / 1073741824, digits) || ' GB'
        WHEN unit = 'TB' OR (unit = '' AND abs(n) < 1125899906842624) THEN kql_rounded_text(n / 1099511627776, digits) || ' TB'
        WHEN unit = 'PB' OR (unit = '' AND abs(n) < 1152921504606846976) THEN kql_rounded_text(n / 1125899906842624, digits) || ' PB'
        WHEN unit = 'EB' OR unit = '' THEN kql_rounded_text(n / 1152921504606846976, digits) || ' EB'
        ELSE ''
    END;
CREATE OR REPLACE TEMP MACRO kql_rounded_text(x, digits) AS
    regexp_replace(kql_real_text(round(x, (digits)::INTEGER)), '\.0$', '');

-- The n-th match in a part of the text: the texts between the matches before it, and those matches.
CREATE OR REPLACE TEMP MACRO kql_indexof_regex(s, pattern, start, count, nth) AS
    CASE
        WHEN len(regexp_extract_all(kql_part(s, start, count), pattern)) < nth THEN -1
        ELSE start
            + length(array_to_string(regexp_split_to_array(kql_part(s, start, count), pattern)[:nth], ''))
            + length(array_to_string(regexp_extract_all(kql_part(s, start, count), pattern)[:nth - 1], ''))
    END;
CREATE OR REPLACE TEMP MACRO kql_part(s, start, count) AS
    CASE WHEN count < 0 THEN substring(s, start + 1) ELSE substring(s, start + 1, count) END;

-- What bytes that are no UTF-8 become is on no page.
CREATE OR REPLACE TEMP MACRO kql_url_decode(s) AS
    coalesce(
        TRY(url_decode(s)),
        CASE WHEN s IS NOT NULL THEN kql_error('url_decode met a text that is no UTF-8 once it is decoded: ' || s) END);
