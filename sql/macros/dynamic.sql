-- Dynamic values are JSON; Kusto's dynamic null is SQL's NULL outside arrays and bags.

CREATE OR REPLACE TEMP MACRO kql_array(d) AS
    CASE WHEN json_type(d) = 'ARRAY'
        THEN list_transform(from_json(d, '["JSON"]'), lambda x: coalesce(x, 'null'::JSON)) END;
CREATE OR REPLACE TEMP MACRO kql_array_or_value(d) AS
    CASE WHEN json_type(d) = 'ARRAY'
        THEN list_transform(from_json(d, '["JSON"]'), lambda x: coalesce(x, 'null'::JSON)) ELSE [d] END;
-- Arrays among the elements give theirs.
CREATE OR REPLACE TEMP MACRO kql_flatten(list) AS
    flatten(list_transform(list, lambda d: kql_array_or_value(d)));
-- The elements of an array, of arrays in it theirs; any other value itself. A macro has no recursion: what lies deeper than
-- any array that hunts make is said to, not passed over.
CREATE OR REPLACE TEMP MACRO kql_flat(d) AS kql_without_arrays(kql_flatten(kql_flatten(kql_array_or_value(d))));
CREATE OR REPLACE TEMP MACRO kql_without_arrays(list) AS
    CASE WHEN len(list_filter(list, lambda x: json_type(x) = 'ARRAY')) > 0
        THEN kql_error('in met arrays in arrays more than three deep: mv-expand them')::JSON[] ELSE list END;
-- The same array where none is in it, which is told by its text.
CREATE OR REPLACE TEMP MACRO kql_flat_array(d) AS
    CASE WHEN contains(substr(d::VARCHAR, 2), '[') THEN to_json(kql_flat(d)) ELSE d END;
CREATE OR REPLACE TEMP MACRO kql_texts(d) AS
    list_transform(kql_array(d), lambda x: coalesce(json_extract_string(x, '$'), ''));
CREATE OR REPLACE TEMP MACRO kql_empty_null(list) AS CASE WHEN len(list) > 0 THEN to_json(list) END;

CREATE OR REPLACE TEMP MACRO kql_parse_json(s) AS
    CASE
        WHEN trim(s) = '' THEN NULL
        WHEN json_valid(s) AND NOT kql_has_nan(s) THEN nullif(json(s), 'null')
        ELSE to_json(s)
    END;
-- The engine's JSON takes nan and infinity for numbers. Strings are put aside only where some text looks like one.
CREATE OR REPLACE TEMP MACRO kql_has_nan(s) AS
    CASE WHEN regexp_matches(s, '(?i)(^|[\[:,\s+-])(nan|inf)')
        THEN regexp_matches(regexp_replace(s, '"(\\.|[^"\\])*"', '', 'g'), '(?i)nan|inf') ELSE FALSE END;

CREATE OR REPLACE TEMP MACRO kql_path_member(name) AS
    '."' || replace(replace(name, '\', '\\'), '"', '\"') || '"';
-- A path cannot name a member whose name is empty, a JSON pointer can.
CREATE OR REPLACE TEMP MACRO kql_path_to(name) AS
    CASE WHEN name = '' THEN '/' ELSE '$' || kql_path_member(name) END;
CREATE OR REPLACE TEMP MACRO kql_path_index(i) AS
    '[' || CASE WHEN i < 0 THEN '#' ELSE '' END || (i)::VARCHAR || ']';
CREATE OR REPLACE TEMP MACRO kql_at(d, key) AS
    nullif(CASE json_type(key)
        WHEN 'VARCHAR' THEN json_extract(d, kql_path_to(json_extract_string(key, '$')))
        WHEN 'UBIGINT' THEN json_extract(d, '$' || kql_path_index(key::BIGINT))
        WHEN 'BIGINT' THEN json_extract(d, '$' || kql_path_index(key::BIGINT))
    END, 'null');

CREATE OR REPLACE TEMP MACRO kql_dynamic_long(d) AS
    CASE json_type(d)
        WHEN 'BIGINT' THEN TRY_CAST(d AS BIGINT)
        WHEN 'UBIGINT' THEN TRY_CAST(d AS BIGINT)
        WHEN 'DOUBLE' THEN kql_real_long(TRY_CAST(d AS DOUBLE))
        WHEN 'BOOLEAN' THEN CASE WHEN d = 'true' THEN 1 ELSE 0 END
        WHEN 'VARCHAR' THEN kql_string_long(json_extract_string(d, '$'))
    END;
CREATE OR REPLACE TEMP MACRO kql_dynamic_int(d) AS
    CASE json_type(d)
        WHEN 'VARCHAR' THEN TRY_CAST(kql_string_long(json_extract_string(d, '$')) AS INTEGER)
        WHEN 'DOUBLE' THEN kql_real_int(TRY_CAST(d AS DOUBLE))
        ELSE kql_long_int(kql_dynamic_long(d))
    END;
CREATE OR REPLACE TEMP MACRO kql_dynamic_real(d) AS
    CASE json_type(d)
        WHEN 'BIGINT' THEN TRY_CAST(d AS DOUBLE)
        WHEN 'UBIGINT' THEN TRY_CAST(d AS DOUBLE)
        WHEN 'DOUBLE' THEN TRY_CAST(d AS DOUBLE)
        WHEN 'BOOLEAN' THEN CASE WHEN d = 'true' THEN 1 ELSE 0 END
        WHEN 'VARCHAR' THEN kql_string_real(json_extract_string(d, '$'))
    END;
CREATE OR REPLACE TEMP MACRO kql_dynamic_bool(d) AS
    CASE json_type(d)
        WHEN 'BOOLEAN' THEN d = 'true'
        WHEN 'VARCHAR' THEN kql_string_bool(json_extract_string(d, '$'))
        ELSE kql_dynamic_real(d) <> 0
    END;
CREATE OR REPLACE TEMP MACRO kql_dynamic_number(d) AS
    CASE WHEN json_type(d) IN ('BIGINT', 'UBIGINT', 'DOUBLE') THEN TRY_CAST(d AS DOUBLE) END;

CREATE OR REPLACE TEMP MACRO kql_gettype(d) AS
    CASE coalesce(json_type(d), 'NULL')
        WHEN 'NULL' THEN 'null'
        WHEN 'ARRAY' THEN 'array'
        WHEN 'OBJECT' THEN 'dictionary'
        WHEN 'VARCHAR' THEN 'string'
        WHEN 'BOOLEAN' THEN 'bool'
        WHEN 'DOUBLE' THEN 'double'
        ELSE 'long'
    END;

CREATE OR REPLACE TEMP MACRO kql_array_length(d) AS
    CASE WHEN json_type(d) = 'ARRAY' THEN json_array_length(d)::BIGINT END;

CREATE OR REPLACE TEMP MACRO kql_array_sum(d) AS
    CASE WHEN kql_all_numbers(list_filter(kql_array(d), lambda x: json_type(x) <> 'NULL')) THEN list_sum(kql_series(d)) END;
CREATE OR REPLACE TEMP MACRO kql_all_numbers(list) AS
    len(list_filter(list, lambda x: json_type(x) NOT IN ('BIGINT', 'UBIGINT', 'DOUBLE'))) = 0;

CREATE OR REPLACE TEMP MACRO kql_array_slice(d, first, last) AS
    CASE WHEN json_type(d) = 'ARRAY' THEN to_json(list_slice(kql_array(d),
        CASE WHEN first < 0 THEN greatest(len(kql_array(d)) + (first), 0) ELSE least(first, len(kql_array(d))) END + 1,
        CASE WHEN last < 0 THEN greatest(len(kql_array(d)) + (last) + 1, 0) ELSE least(last, len(kql_array(d))) + 1 END)) END;

CREATE OR REPLACE TEMP MACRO kql_array_index_of(d, x) AS
    CASE WHEN json_type(d) = 'ARRAY' THEN coalesce(list_position(kql_comparable(d), kql_comparable_value(x)), 0) - 1 END;
CREATE OR REPLACE TEMP MACRO kql_array_index_of_nth(d, x, start, count, nth) AS
    CASE WHEN json_type(d) = 'ARRAY' AND count >= -1 AND nth >= 0 THEN coalesce(list_filter(
        list_transform(kql_comparable(d), lambda e, i: CASE WHEN e = kql_comparable_value(x) THEN i - 1 END),
        lambda i: i >= kql_array_start(d, start)
            AND (count < 0 OR i < kql_array_start(d, start)::HUGEINT + count))[nth], -1) END;
CREATE OR REPLACE TEMP MACRO kql_set_has_element(d, x) AS
    list_contains(kql_comparable(d), kql_comparable_value(x));
CREATE OR REPLACE TEMP MACRO kql_text_as_number(d, x) AS
    to_json(list_transform(kql_array(d), lambda e: CASE WHEN e = x THEN json_extract_string(x, '$')::JSON ELSE e END));
CREATE OR REPLACE TEMP MACRO kql_array_start(d, start) AS
    CASE WHEN start < 0 THEN greatest(json_array_length(d)::BIGINT + (start), 0)
        ELSE least(start, json_array_length(d)::BIGINT) END;
CREATE OR REPLACE TEMP MACRO kql_comparable_value(x) AS
    CASE WHEN json_type(x) IN ('BIGINT', 'UBIGINT', 'DOUBLE') THEN (TRY_CAST(x AS DOUBLE))::VARCHAR ELSE x::VARCHAR END;
CREATE OR REPLACE TEMP MACRO kql_comparable(d) AS
    list_transform(kql_array(d), lambda x: kql_comparable_value(x));

CREATE OR REPLACE TEMP MACRO kql_array_iff(d, a, b) AS
    to_json(list_transform(
        list_zip(kql_array(d), kql_each(a, len(kql_array(d))), kql_each(b, len(kql_array(d)))),
        lambda e: CASE WHEN json_type(e[1]) = 'VARCHAR' THEN NULL
            WHEN kql_dynamic_bool(e[1]) THEN e[2] WHEN NOT kql_dynamic_bool(e[1]) THEN e[3] END));
-- The elements of an array, as many as asked for; of anything else, itself so many times.
CREATE OR REPLACE TEMP MACRO kql_each(d, length) AS
    CASE WHEN json_type(d) = 'ARRAY' THEN list_resize(kql_array(d), length) ELSE list_resize([d], length, d) END;

CREATE OR REPLACE TEMP MACRO kql_sort_kind(x) AS
    CASE WHEN json_type(x) IN ('BIGINT', 'UBIGINT', 'DOUBLE') THEN 0 WHEN json_type(x) = 'VARCHAR' THEN 1 ELSE 2 END;
-- Numbers by value, then texts, then the rest by text, also where each of these descends; nulls at the end unless told otherwise.
CREATE OR REPLACE TEMP MACRO kql_array_sort(d, ascending, nulls_last) AS
    to_json(
        CASE WHEN nulls_last THEN [] ELSE list_filter(kql_array(d), lambda x: json_type(x) = 'NULL') END
        || list_transform(
            CASE WHEN ascending
                THEN list_sort(list_transform(list_filter(kql_array(d), lambda x: json_type(x) <> 'NULL'),
                    lambda x: {'kind': kql_sort_kind(x), 'number': kql_dynamic_number(x), 'text': json_extract_string(x, '$'), 'value': x}))
                ELSE list_reverse_sort(list_transform(list_filter(kql_array(d), lambda x: json_type(x) <> 'NULL'),
                    lambda x: {'kind': -kql_sort_kind(x), 'number': kql_dynamic_number(x), 'text': json_extract_string(x, '$'), 'value': x}))
            END, lambda s: s.value)
        || CASE WHEN nulls_last THEN list_filter(kql_array(d), lambda x: json_type(x) = 'NULL') ELSE [] END);

-- One array in the order that another one's elements sort in.
CREATE OR REPLACE TEMP MACRO kql_array_sort_by(d, sort_keys, ascending, nulls_last) AS
    CASE WHEN len(kql_array(d)) = len(kql_array(sort_keys)) THEN to_json(list_transform(
        CASE WHEN ascending
            THEN list_sort(kql_sort_entries(d, sort_keys, nulls_last), 'ASC', 'NULLS LAST')
            ELSE list_sort(list_transform(kql_sort_entries(d, sort_keys, nulls_last), lambda s:
                {'missing': NOT s.missing, 'kind': -s.kind, 'number': s.number, 'text': s.text, 'position': -s.position, 'value': s.value}),
                'DESC', 'NULLS LAST')
        END, lambda s: s.value)) END;
CREATE OR REPLACE TEMP MACRO kql_sort_entries(d, sort_keys, nulls_last) AS
    list_transform(list_zip(kql_array(sort_keys), kql_array(d)), lambda x, i: {
        'missing': (json_type(x[1]) = 'NULL') = nulls_last, 'kind': kql_sort_kind(x[1]), 'number': kql_dynamic_number(x[1]),
        'text': json_extract_string(x[1], '$'), 'position': i, 'value': x[2]});

CREATE OR REPLACE TEMP MACRO kql_array_rotate(d, n) AS
    CASE WHEN json_type(d) = 'ARRAY' AND (n) IS NOT NULL THEN to_json(list_concat(
        kql_array(d)[kql_turn(n, len(kql_array(d))) + 1:], kql_array(d)[:kql_turn(n, len(kql_array(d)))])) END;
CREATE OR REPLACE TEMP MACRO kql_turn(n, length) AS
    coalesce(((n)::HUGEINT % length + length) % length, 0)::BIGINT;
CREATE OR REPLACE TEMP MACRO kql_array_shift(d, n, fill) AS
    to_json(CASE WHEN n >= 0
        THEN list_resize(kql_array(d)[kql_reach(d, n) + 1:], len(kql_array(d)), fill)
        ELSE list_reverse(list_resize(
            list_reverse(kql_array(d)[:len(kql_array(d)) - kql_reach(d, n)]), len(kql_array(d)), fill)) END);
CREATE OR REPLACE TEMP MACRO kql_reach(d, n) AS least(abs((n)::HUGEINT), len(kql_array(d)))::BIGINT;
-- What comes in beside strings is an empty one.
CREATE OR REPLACE TEMP MACRO kql_shift_fill(d) AS
    CASE WHEN list_distinct(list_transform(kql_array(d), lambda x: json_type(x))) = ['VARCHAR'] THEN '""' ELSE 'null' END::JSON;

-- The elements of two arrays, each beside the one that sorts before it: of equal ones, those of the second array come
-- first. What stands in a lambda is computed anew for each element, so no element is sought in a list there.
CREATE OR REPLACE TEMP MACRO kql_set_entries(a, b) AS
    kql_beside_previous(list_sort(
        list_transform(a, lambda x, i: {'value': x, 'first': TRUE, 'position': i})
        || list_transform(coalesce(b, []), lambda x: {'value': x, 'first': FALSE, 'position': 0::BIGINT})));
CREATE OR REPLACE TEMP MACRO kql_beside_previous(list) AS list_zip(list, list_concat([NULL], list), TRUE);
-- What is left of the entries, in the order in which it came.
CREATE OR REPLACE TEMP MACRO kql_in_place(entries) AS
    list_transform(
        list_sort(list_transform(entries, lambda e: {'position': e[1].position, 'value': e[1].value})),
        lambda e: e.value);

-- Distinct elements, in the order of their first occurrence.
CREATE OR REPLACE TEMP MACRO kql_distinct(list) AS
    kql_set_minus(list, NULL);
CREATE OR REPLACE TEMP MACRO kql_set_minus(a, b) AS
    kql_in_place(list_filter(
        kql_set_entries(a, b),
        lambda e: e[1].first AND e[1].value IS DISTINCT FROM e[2].value));
CREATE OR REPLACE TEMP MACRO kql_set_difference(a, b) AS
    to_json(kql_set_minus(kql_array(a), kql_array(b)));
CREATE OR REPLACE TEMP MACRO kql_set_intersect(a, b) AS
    to_json(kql_in_place(list_filter(
        kql_set_entries(kql_array(a), kql_array(b)),
        lambda e: e[1].first AND NOT e[2].first AND e[1].value = e[2].value)));
CREATE OR REPLACE TEMP MACRO kql_set_union(a, b) AS
    to_json(kql_distinct(list_concat(kql_array(a), kql_array(b))));
CREATE OR REPLACE TEMP MACRO kql_jaccard_index(a, b) AS
    len(kql_array(kql_set_intersect(a, b)))::DOUBLE / len(kql_array(kql_set_union(a, b)));

CREATE OR REPLACE TEMP MACRO kql_bag_keys(d) AS
    CASE WHEN json_type(d) = 'OBJECT' THEN to_json(json_keys(d)) END;
-- The members of a bag, in its own order, and the bag of members.
CREATE OR REPLACE TEMP MACRO kql_members(d) AS
    -- Of a null that is written down the engine's lists have no type.
    list_transform(list_zip(json_keys(d)::VARCHAR[], json_extract(d, '$.*')::JSON[]), lambda m: {'name': m[1], 'member': m[2]});
CREATE OR REPLACE TEMP MACRO kql_bag_of(members) AS
    ('{' || coalesce(array_to_string(list_transform(members,
        lambda m: to_json(m.name)::VARCHAR || ':' || coalesce(m.member::VARCHAR, 'null')), ','), '') || '}')::JSON;
-- Of two bags, the first one's members win.
CREATE OR REPLACE TEMP MACRO kql_bag_merge(a, b) AS
    CASE
        WHEN json_type(a) = 'OBJECT' AND json_type(b) = 'OBJECT' THEN kql_bag_of(kql_merged_members([a, b]))
        WHEN json_type(a) = 'OBJECT' THEN a
        WHEN json_type(b) = 'OBJECT' THEN b
    END;
-- Of many bags, the members with the first value of each name, in the order of the names' first occurrence.
CREATE OR REPLACE TEMP MACRO kql_merged_members(bags) AS
    kql_in_place(list_filter(
        kql_beside_previous(list_sort(list_transform(
            flatten(list_transform(bags, lambda d: kql_members(d))),
            lambda m, i: {'name': m.name, 'position': i, 'value': m}))),
        lambda e: e[1].name IS DISTINCT FROM e[2].name));
CREATE OR REPLACE TEMP MACRO kql_bag_remove_keys(d, keys) AS
    CASE WHEN json_type(d) = 'OBJECT'
        THEN kql_bag_of(list_filter(kql_members(d), lambda m: NOT coalesce(list_contains(keys, m.name), FALSE))) END;
-- Without what the path leads to. The engine's patch calls itself a level, and ends the process some ten thousand levels deep
-- (with the 8 MB of stack that Linux gives a thread, over 120,000; others give a sixteenth), so brackets are counted first.
CREATE OR REPLACE TEMP MACRO kql_bag_without_path(d, path, patch) AS
    list_transform([d], lambda bag: CASE
        WHEN NOT coalesce(json_exists(bag, path), FALSE) THEN bag
        WHEN length(bag::VARCHAR) > 10000 AND length(bag::VARCHAR) - length(translate(bag::VARCHAR, '[{', '')) > 5000
            THEN kql_error('bag_remove_keys met a bag of more than 5,000 bags and arrays under a path: remove its outermost keys, without $.')::JSON
        ELSE json_merge_patch(bag, patch::JSON)
    END)[1];
-- Arguments beside a lambda's parameter belong into a macro, where a column of the parameter's name is not taken for it.
CREATE OR REPLACE TEMP MACRO kql_repeat(x, count) AS
    CASE WHEN count >= 0 THEN to_json(list_transform(range(least(count, 1048576)), lambda i: x)) END;
CREATE OR REPLACE TEMP MACRO kql_range_real(first, last, step) AS
    list_transform(range(0, kql_range_count(floor((last - first) / nullif(step, 0)) + 1)), lambda i: first + i * step);
CREATE OR REPLACE TEMP MACRO kql_range_count(count) AS
    CASE WHEN count IS NULL THEN 0 WHEN isfinite(count) THEN least(greatest(count, 0), 1048576)::BIGINT
        ELSE kql_error('range met bounds or a step that give no number of values')::BIGINT END;
-- A key that comes with the data, where a path would mean something else.
CREATE OR REPLACE TEMP MACRO kql_no_path(key) AS
    CASE WHEN starts_with(key, '$')
        THEN kql_error('bag_has_key and bag_remove_keys met a path in the data: write it into the query')::VARCHAR ELSE key END;
CREATE OR REPLACE TEMP MACRO kql_bag_without_empty(d) AS
    kql_bag_of(list_filter(kql_members(d), lambda m: m.member NOT IN ('null'::JSON, '""'::JSON)));
-- What a key deeper in a bag is set in: a bag, or none yet.
CREATE OR REPLACE TEMP MACRO kql_bag_on_path(d) AS
    CASE coalesce(json_type(d), 'NULL') WHEN 'OBJECT' THEN d WHEN 'NULL' THEN '{}'::JSON
        ELSE kql_error('bag_set_key met what is no bag on its path')::JSON END;
CREATE OR REPLACE TEMP MACRO kql_bag_set_key(d, key, x) AS
    CASE WHEN json_type(d) = 'OBJECT'
        THEN kql_bag_of(list_filter(kql_members(d), lambda m: m.name <> key) || [{'name': key, 'member': x}]) END;
CREATE OR REPLACE TEMP MACRO kql_bag_zip(keys, members) AS
    CASE WHEN json_type(keys) = 'ARRAY'
        THEN kql_bag_of(list_transform(
            list_filter(list_zip(kql_array(keys), kql_array(members)), lambda m: json_type(m[1]) = 'VARCHAR'),
            lambda m: {'name': json_extract_string(m[1], '$'), 'member': m[2]})) END;

-- Cut before each of the positions.
CREATE OR REPLACE TEMP MACRO kql_array_split(d, cuts) AS
    to_json(list_transform(range(0, len(kql_array(cuts)) + 1), lambda i:
        list_slice(kql_array(d),
            CASE WHEN i = 0 THEN 1 ELSE kql_cut(d, cuts, i) + 1 END,
            CASE WHEN i = len(kql_array(cuts)) THEN len(kql_array(d)) ELSE kql_cut(d, cuts, i + 1) END)));
CREATE OR REPLACE TEMP MACRO kql_cut(d, cuts, i) AS
    least(len(kql_array(d)), greatest(0, kql_dynamic_long(kql_array(cuts)[i])::HUGEINT
        + CASE WHEN kql_dynamic_long(kql_array(cuts)[i]) < 0 THEN len(kql_array(d)) ELSE 0 END))::BIGINT;

-- What `mv-expand` runs over: an array's elements, a bag's members as bags, anything else as it is. An empty array or bag
-- has none, and the row goes where no other column has more.
CREATE OR REPLACE TEMP MACRO kql_elements(d) AS
    CASE json_type(d)
        WHEN 'ARRAY' THEN list_transform(from_json(d, '["JSON"]')::JSON[], lambda x: nullif(x, 'null'))
        WHEN 'OBJECT' THEN list_transform(kql_members(d), lambda m: kql_bag_of([m]))
        ELSE [d]
    END;
CREATE OR REPLACE TEMP MACRO kql_elements_as_arrays(d) AS
    CASE json_type(d)
        WHEN 'OBJECT' THEN list_transform(kql_members(d), lambda m: json_array(m.name, m.member))
        ELSE kql_elements(d)
    END;

-- An element that is a number, or one of the texts that JSON has for numbers which it lacks; one that an int holds; a text.
CREATE OR REPLACE TEMP MACRO kql_element_number(d) AS
    CASE WHEN json_type(d) IN ('BIGINT', 'UBIGINT', 'DOUBLE') OR d IN ('"NaN"', '"Infinity"', '"-Infinity"') THEN d END;
CREATE OR REPLACE TEMP MACRO kql_element_int(d) AS
    CASE WHEN kql_dynamic_number(d) BETWEEN -2147483648 AND 2147483647 THEN d END;
CREATE OR REPLACE TEMP MACRO kql_element_text(d) AS CASE WHEN json_type(d) = 'VARCHAR' THEN d END;

CREATE OR REPLACE TEMP MACRO kql_extract_json(path, s) AS
    CASE WHEN json_valid(s) AND NOT kql_has_nan(s) THEN coalesce(json_extract_string(s, path), '') ELSE '' END;

-- The members of a bag as names and types.
CREATE OR REPLACE TEMP MACRO kql_bag_entries(d) AS
    CASE WHEN json_type(d) = 'OBJECT'
        THEN list_transform(kql_members(d), lambda m: json_object('name', m.name, 'type', kql_gettype(m.member))) ELSE [] END;
