/** Custom formats of datetimes and timespans, token by token. */
import { text } from '../literals.ts';

const TOKENS = /yyyy|yy|MM|M|dd|d|HH|H|hh|h|mm|m|ss|s|f{1,7}|F{1,7}|tt|[^A-Za-z]+|[A-Za-z]/g;
const SPAN_TOKENS = /d{1,8}|HH|H|hh|h|mm|m|ss|s|f{1,7}|F{1,7}|[^A-Za-z]+|[A-Za-z]/g;
const SEPARATORS = /^[-/:,. _[\]]+$/;

const STRFTIME: Readonly<Record<string, string>> = {
  yyyy: '%Y',
  yy: '%y',
  MM: '%m',
  M: '%-m',
  dd: '%d',
  d: '%-d',
  HH: '%H',
  H: '%-H',
  hh: '%I',
  h: '%-I',
  mm: '%M',
  m: '%-M',
  ss: '%S',
  s: '%-S',
  tt: '%p',
};

/** Whether every token of the format is known. */
export function isDatetimeFormat(format: string): boolean {
  return (format.match(TOKENS) ?? []).every(
    (token) => token in STRFTIME || /^[fF]+$/.test(token) || SEPARATORS.test(token),
  );
}

export function isTimespanFormat(format: string): boolean {
  return (format.match(SPAN_TOKENS) ?? []).every(
    (token) => /^(d+|H{1,2}|h{1,2}|m{1,2}|s{1,2}|f+|F+)$/.test(token) || SEPARATORS.test(token),
  );
}

export function formatted(t: string, format: string): string {
  const parts: string[] = [];
  let plain = '';
  const flush = (): void => {
    if (plain) parts.push(`strftime(${t}, ${text(plain)})`);
    plain = '';
  };
  for (const token of format.match(TOKENS) ?? []) {
    if (/^[fF]/.test(token)) {
      flush();
      parts.push(fraction(`strftime(${t}, '%f') || '0'`, token));
    } else plain += STRFTIME[token] ?? token;
  }
  flush();
  return `coalesce(${parts.join(' || ') || "''"}, '')`;
}

function fraction(digits: string, token: string): string {
  const cut = `substring(${digits}, 1, ${token.length})`;
  return token.startsWith('F') ? `rtrim(${cut}, '0')` : cut;
}

export function formattedSpan(span: string, format: string): string {
  const size = `abs(${span})`;
  const parts = (format.match(SPAN_TOKENS) ?? []).map((token) => {
    if (SEPARATORS.test(token)) return text(token);
    if (/^[fF]/.test(token)) return fraction(`lpad((${size} % 10000000)::VARCHAR, 7, '0')`, token);
    const value = {
      d: `${size} // 864000000000`,
      h: `(${size} // 36000000000) % 24`,
      m: `(${size} // 600000000) % 60`,
      s: `(${size} // 10000000) % 60`,
    }[token[0]!.toLowerCase()]!;
    const digits = `(${value})::VARCHAR`;
    return token.length === 1
      ? digits
      : `lpad(${digits}, greatest(${token.length}, length(${digits}))::INTEGER, '0')`;
  });
  return `coalesce(CASE WHEN ${span} < 0 THEN '-' ELSE '' END || ${parts.join(' || ') || "''"}, '')`;
}
