import { readFileSync } from 'node:fs';
import type { Column, KqlType } from './kql-types.ts';

/** A column as Microsoft documents it: `in` says where it exists, `laType` is Sentinel's type where that differs. */
export interface DocumentedColumn extends Column {
  readonly in: readonly ('xdr' | 'la')[];
  readonly laType?: KqlType;
}

let documented: Readonly<Record<string, readonly DocumentedColumn[]>> | undefined;

/** The tables of Defender XDR advanced hunting (`xdr`) and Sentinel (`la`), by name. Read once, when first asked for. */
export function advancedHuntingTables(): Readonly<Record<string, readonly DocumentedColumn[]>> {
  documented ??= JSON.parse(
    readFileSync(new URL('../../data/advanced-hunting.json', import.meta.url), 'utf8'),
  ) as Record<string, DocumentedColumn[]>;
  return documented;
}

let either: ReadonlySet<string> | undefined;

/** The columns that hold JSON as a string in Defender XDR and as dynamic in Sentinel, `AdditionalFields` and its like. */
export function stringOrDynamic(): ReadonlySet<string> {
  either ??= new Set(
    Object.values(advancedHuntingTables()).flatMap((columns) =>
      columns.filter(({ type, laType }) => type === 'string' && laType === 'dynamic').map(({ name }) => name),
    ),
  );
  return either;
}
