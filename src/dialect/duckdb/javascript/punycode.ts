/** Punycode (RFC 3492). */
import { javascript } from '../../javascript-function.ts';

const BASE = 36;

function adapted(delta: number, points: number, first: boolean): number {
  let rest = first ? Math.floor(delta / 700) : delta >> 1;
  rest += Math.floor(rest / points);
  let k = 0;
  for (; rest > 455; k += BASE) rest = Math.floor(rest / 35);
  return k + Math.floor((36 * rest) / (rest + 38));
}

const threshold = (k: number, bias: number): number => (k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias);
const digit = (value: number): string => String.fromCharCode(value < 26 ? value + 97 : value + 22);

function encoded(text: string): string {
  const points = [...text].map((character) => character.codePointAt(0)!);
  const basic = points.filter((point) => point < 128);
  let output = String.fromCodePoint(...basic) + (basic.length ? '-' : '');
  let [n, delta, bias, handled] = [128, 0, 72, basic.length];
  while (handled < points.length) {
    const next = Math.min(...points.filter((point) => point >= n));
    delta += (next - n) * (handled + 1);
    n = next;
    for (const point of points) {
      if (point < n) delta += 1;
      if (point !== n) continue;
      let q = delta;
      for (let k = BASE; ; k += BASE) {
        const t = threshold(k, bias);
        if (q < t) break;
        output += digit(t + ((q - t) % (BASE - t)));
        q = Math.floor((q - t) / (BASE - t));
      }
      output += digit(q);
      bias = adapted(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled += 1;
    }
    delta += 1;
    n += 1;
  }
  return output;
}

/** What does not decode is empty. */
function decoded(text: string): string {
  const cut = text.lastIndexOf('-');
  const output = cut > 0 ? [...text.slice(0, cut)].map((character) => character.codePointAt(0)!) : [];
  let [n, i, bias] = [128, 0, 72];
  for (let at = cut > 0 ? cut + 1 : 0; at < text.length; ) {
    const before = i;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      const code = text.charCodeAt(at);
      const value =
        code >= 97 && code <= 122
          ? code - 97
          : code >= 65 && code <= 90
            ? code - 65
            : code >= 48 && code <= 57
              ? code - 22
              : BASE;
      at += 1;
      if (value >= BASE || at > text.length) return '';
      i += value * weight;
      const t = threshold(k, bias);
      if (value < t) break;
      weight *= BASE - t;
    }
    bias = adapted(i - before, output.length + 1, before === 0);
    n += Math.floor(i / (output.length + 1));
    i %= output.length + 1;
    if (n > 0x10ffff) return '';
    output.splice(i, 0, n);
    i += 1;
  }
  return String.fromCodePoint(...output);
}

const labelsOf = (text: string): string[] => text.split(/[.\u3002\uff0e\uff61]/);
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
const isAscii = (label: string): boolean => /^[\u0000-\u007f]*$/.test(label);

/** A label that does not decode leaves nothing of the domain. */
function decodedDomain(text: string): string {
  const labels = labelsOf(text).map((label) => (/^xn--/i.test(label) ? decoded(label.slice(4)) : label));
  return labels.some((label, index) => label === '' && labelsOf(text)[index] !== '') ? '' : labels.join('.');
}

const encodedDomain = (text: string): string =>
  labelsOf(text)
    .map((label) => (isAscii(label) ? label : `xn--${encoded(label)}`))
    .join('.');

export const punycodeFunctions = [
  javascript('punycode_from_string', 'VARCHAR', 'VARCHAR', encoded),
  javascript('punycode_to_string', 'VARCHAR', 'VARCHAR', decoded),
  javascript('punycode_domain_from_string', 'VARCHAR', 'VARCHAR', decodedDomain),
  javascript('punycode_domain_to_string', 'VARCHAR', 'VARCHAR', encodedDomain),
];
