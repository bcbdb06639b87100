/**
 * The custom formats of `format_datetime` and `format_timespan`, as tokens that a dialect has to write.
 * https://learn.microsoft.com/kusto/query/format-datetime-function
 */
const TOKENS = /yyyy|yy|y|MM|M|dd|d|HH|H|hh|h|mm|m|ss|s|f{1,7}|F{1,7}|tt|[^A-Za-z]+|[A-Za-z]/g;
const SPAN_TOKENS = /d{1,8}|HH|H|hh|h|mm|m|ss|s|f{1,7}|F{1,7}|[^A-Za-z]+|[A-Za-z]/g;
const KNOWN = /^(yyyy|yy?|MM?|dd?|HH?|hh?|mm?|ss?|f+|F+|tt)$/;
const SPAN_KNOWN = /^(d+|HH?|hh?|mm?|ss?|f+|F+)$/;

export const isSeparator = (token: string): boolean => /^[-/:,. _[\]]+$/.test(token);

export const datetimeTokens = (format: string): string[] => format.match(TOKENS) ?? [];
export const timespanTokens = (format: string): string[] => format.match(SPAN_TOKENS) ?? [];

/** Whether every token of the format is known. */
export function isDatetimeFormat(format: string): boolean {
  return datetimeTokens(format).every((token) => KNOWN.test(token) || isSeparator(token));
}

export function isTimespanFormat(format: string): boolean {
  return timespanTokens(format).every((token) => SPAN_KNOWN.test(token) || isSeparator(token));
}
