import { describe, expect, test } from 'vitest';
import { convert } from '../../src/lake/convert.ts';
import { badValue } from '../../src/lake/unreadable/bad-value.ts';
import type { KqlType } from '../../src/schema/kql-types.ts';
import { query } from './parquet-files.ts';

/** A value of a physical type, as the view gives it in a KQL type; as text where `text` says that there is no other. */
async function converted(value: string, to: KqlType, text = false): Promise<unknown> {
  const [described] = await query(`DESCRIBE SELECT ${value} AS "it's"`);
  const sql = convert({ name: "it's", type: String(described?.column_type) }, to, text);
  if (sql === undefined) return 'no way';
  const rows = await query(`SELECT (${sql})::VARCHAR AS v FROM (SELECT ${value} AS "it's")`);
  return rows[0]?.v;
}

describe('a physical value in its KQL type', () => {
  test.each<[string, KqlType, string | null]>([
    ['4444::HUGEINT', 'int', '4444'],
    ['9007199254740993::HUGEINT', 'long', '9007199254740993'],
    ['4294967295::UINTEGER', 'long', '4294967295'],
    ['18446744073709551615::UBIGINT', 'decimal', '18446744073709551615.000000000000000000'],
    ["'NaN'::FLOAT", 'long', null],
    ['5::DECIMAL(38,0)', 'long', '5'],
    ['5.0::DECIMAL(3,1)', 'long', 'no way'],
    ['1::TINYINT', 'bool', 'true'],
    ['true', 'int', 'no way'],
    ['4::INTEGER', 'real', '4.0'],
    ["'4.5'", 'real', 'no way'],
    ["'a'", 'string', 'a'],
    ['NULL::VARCHAR', 'string', ''],
    ['4.5::DOUBLE', 'string', '4.5'],
    ["{'a': [1, 2]}", 'string', '{"a":[1,2]}'],
    ["{'a': [1, 2]}", 'dynamic', '{"a":[1,2]}'],
    ['\'{"a": 1}\'', 'dynamic', '{"a": 1}'],
    ["'not json'", 'dynamic', '"not json"'],
    ["TIMESTAMPTZ '2026-01-05 02:00:00+02'", 'datetime', '2026-01-05 00:00:00'],
    ["'2026-01-05T02:00:00.1234567+02:00'", 'datetime', '2026-01-05 00:00:00.123456'],
    ["TIMESTAMP_NS '1969-12-31 23:59:59.9999999'", 'datetime', '1969-12-31 23:59:59.999999'],
    ["TIMESTAMP_NS '1969-12-31 23:59:59.999999'", 'datetime', '1969-12-31 23:59:59.999999'],
    ["TIMESTAMP_NS '1969-12-31 23:59:59.000000001'", 'datetime', '1969-12-31 23:59:59'],
    ["TIMESTAMP_NS '2026-01-05 00:00:00.999999999'", 'datetime', '2026-01-05 00:00:00.999999'],
    ["TIMESTAMP_NS '-infinity'", 'datetime', '-infinity'],
    ["TIMESTAMP_NS 'infinity'", 'datetime', 'infinity'],
    ["[TIMESTAMP_NS '1969-12-31 23:59:59.9999999']", 'dynamic', '["1969-12-31T23:59:59.9999990Z"]'],
    ["{'a': 1, 'b': ['x', NULL]}::VARIANT", 'dynamic', '{"a":1,"b":["x",null]}'],
    ["{'a': 1}::VARIANT", 'string', '{"a":1}'],
    ["'text'::VARIANT", 'dynamic', '"text"'],
    ["'text'::VARIANT", 'string', 'text'],
    ['NULL::VARIANT', 'dynamic', null],
    ['NULL::VARIANT', 'string', ''],
    ["{'v': {'a': 1}::VARIANT}", 'dynamic', '{"v":{"a":1}}'],
    ["TIME '12:00:00'", 'datetime', 'no way'],
    ['1767571200::BIGINT', 'datetime', 'no way'],
    ["'0195AE3C-3B0F-7C5C-9A33-9D3C0D6F0B2A'", 'guid', '0195ae3c-3b0f-7c5c-9a33-9d3c0d6f0b2a'],
    ["INTERVAL '90 minutes'", 'timespan', '01:30:00'],
    ['NULL', 'long', null],
  ])('%s as %s is %s', async (value, to, expected) => {
    expect(await converted(value, to)).toBe(expected);
  });

  test.each<[string, KqlType, string | null]>([
    ["'4444'", 'int', '4444'],
    ["' 4444 '", 'int', '4444'],
    ["'4444.0'", 'int', '4444'],
    ["''", 'long', null],
    ["'9223372036854775807'", 'long', '9223372036854775807'],
    ["'0.5'", 'real', '0.5'],
    ["'true'", 'bool', 'true'],
    ["''", 'bool', null],
    ["'2026-01-05'", 'datetime', '2026-01-05 00:00:00'],
    ["''", 'string', ''],
  ])('%s of a file that is all text, as %s, is %s', async (value, to, expected) => {
    expect(await converted(value, to, true)).toBe(expected);
  });
});

describe('a value that its type cannot hold is an error that names column and value', () => {
  test.each<[string, KqlType, boolean, string]>([
    [
      '2147483648::BIGINT',
      'int',
      false,
      "holds '2147483648', which is not a whole number of at most 32 bits",
    ],
    [
      '9223372036854775808::HUGEINT',
      'long',
      false,
      "holds '9223372036854775808', which is not a whole number of at most 64 bits",
    ],
    ['4.5::FLOAT', 'long', false, "holds '4.5', which is not a whole number of at most 64 bits"],
    ["'Infinity'::DOUBLE", 'long', false, "holds 'inf', which is not a whole number of at most 64 bits"],
    [
      '1e30::DOUBLE',
      'decimal',
      false,
      "holds '1e+30', which is not a number of at most 20 digits before the point",
    ],
    ["'noon'", 'datetime', false, "holds 'noon', which is not a time such as 2026-01-31T08:00:00Z"],
    ["'{1}'", 'guid', false, "holds '{1}', which is not a GUID"],
    ["'\\xFF'::BLOB", 'string', false, "holds '\\xFF', which is not text in UTF-8"],
    ['\'"x"\'::JSON', 'long', false, "holds 'x', which is not a whole number of at most 64 bits"],
    ["'80.5'", 'int', true, "holds '80.5', which is not a whole number of at most 32 bits"],
    ["'0x50'", 'int', true, "holds '0x50', which is not a whole number of at most 32 bits"],
    ["'yes, please'", 'bool', true, "holds 'yes, please', which is not true or false"],
    ["'it''s'", 'real', true, "holds 'it's', which is not a number"],
    ["'a\nb'", 'int', true, "holds 'a\nb', which is not a whole number of at most 32 bits"],
  ])('%s as %s', async (value, to, text, problem) => {
    const error = await converted(value, to, text).catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(badValue((error as Error).message)).toMatchObject({
      column: "it's",
      problem: `column it's ${problem}`,
    });
  });
});
