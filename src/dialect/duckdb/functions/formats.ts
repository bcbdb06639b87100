/** Datetimes and timespans in custom formats, token by token. */
import { datetimeTokens, isSeparator, timespanTokens } from '../../formats.ts';
import { text } from '../literals.ts';

const STRFTIME: Readonly<Record<string, string>> = {
  yyyy: '%Y',
  yy: '%y',
  y: '%-y',
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

export function formatted(t: string, format: string): string {
  const parts: string[] = [];
  let plain = '';
  const flush = (): void => {
    if (plain) parts.push(`strftime(${t}, ${text(plain)})`);
    plain = '';
  };
  for (const token of datetimeTokens(format)) {
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
  const parts = timespanTokens(format).map((token) => {
    if (isSeparator(token)) return text(token);
    if (/^[fF]/.test(token)) return fraction(`lpad(abs((${span}) % 10000000)::VARCHAR, 7, '0')`, token);
    const value = {
      d: `(${span}) // 864000000000`,
      h: `((${span}) // 36000000000) % 24`,
      m: `((${span}) // 600000000) % 60`,
      s: `((${span}) // 10000000) % 60`,
    }[token[0]!.toLowerCase()]!;
    const digits = `abs(${value})::VARCHAR`;
    return token.length === 1
      ? digits
      : `lpad(${digits}, greatest(${token.length}, length(${digits}))::INTEGER, '0')`;
  });
  return `coalesce(CASE WHEN ${span} < 0 THEN '-' ELSE '' END || ${parts.join(' || ') || "''"}, '')`;
}
