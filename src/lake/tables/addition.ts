import type { Column } from '../../schema/kql-types.ts';

/** What merganser adds to a documented table: which columns must be there, and columns of its own. */
export interface TableAddition {
  readonly table: string;
  readonly required: readonly string[];
  readonly optional?: readonly Column[];
}
