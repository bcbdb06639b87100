/**
 * Telemetry is written by attackers: a command line can hold escape sequences that recolour, overwrite or
 * retitle a terminal, and invisible or direction-changing characters that disguise a file name.
 */

/** Controls, format characters (bidirectional overrides, zero-width ones), separators of lines, lone surrogates. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
/** Most values, at a fraction of the cost. */
const PRINTABLE = /^[\x20-\x7e]*$/;

/** Text with every such character written out: `\n`, `\t`, `\x1b`, `\u202e`. Everything else is untouched. */
export function visible(text: string): string {
  return PRINTABLE.test(text) ? text : text.replace(UNSEEN, writtenOut);
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function writtenOut(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const hex = hexOf(character);
  return hex.length <= 4 ? shortest(hex) : `\\u{${hex}}`;
}

const hexOf = (character: string): string => character.codePointAt(0)!.toString(16);

const shortest = (hex: string): string =>
  hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;

/** YAML text with every such character as an escape, which reads back the same where double quotes stand around it. */
export function visibleYaml(yaml: string): string {
  return yaml.replace(UNSEEN, (character) => {
    if (character === '\n') return character;
    const hex = hexOf(character);
    return hex.length <= 4 ? shortest(hex) : `\\U${hex.padStart(8, '0')}`;
  });
}

/** JSON text with every such character as a JSON escape, which leaves the value it stands for the same. */
export function visibleJson(json: string): string {
  if (PRINTABLE.test(json)) return json;
  return json.replace(UNSEEN, (character) =>
    character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
