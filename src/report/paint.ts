import * as kleur from 'kleur/colors';

/** Turns text into styled text. */
export type Style = (text: string) => string;

/** The styles that tables use; with colour off, each gives its text back. */
export interface Paint {
  readonly bold: Style;
  readonly dim: Style;
  readonly red: Style;
  readonly yellow: Style;
  readonly cyan: Style;
}

/** Colour when asked for, and only then: kleur's own guess from the environment is set aside. */
export function paint(color: boolean): Paint {
  const style = (colorize: Style): Style => (color ? (text) => always(colorize, text) : (text) => text);
  return {
    bold: style(kleur.bold),
    dim: style(kleur.dim),
    red: style(kleur.red),
    yellow: style(kleur.yellow),
    cyan: style(kleur.cyan),
  };
}

function always(colorize: Style, text: string): string {
  const before = kleur.$.enabled;
  kleur.$.enabled = true;
  try {
    return colorize(text);
  } finally {
    kleur.$.enabled = before;
  }
}
