import { LakeError } from '../error.ts';
import { nearest } from '../nearest.ts';
import { documentedTable } from './tables/contract.ts';

/** The error for a table that the lake lacks: what it has, the nearest name, how the table would come in. */
export function noSuchTable(table: string, has: readonly string[]): LakeError {
  const near = nearest(table, has);
  const list = has.length === 0 ? 'the lake has no tables at all' : `the lake has ${has.join(', ')}`;
  if (near !== undefined) {
    return new LakeError(`the lake has no table ${table}`, { hint: `did you mean ${near}? ${list}` });
  }
  const known = documentedTable(table);
  return new LakeError(`the lake has no ${known === undefined ? 'table' : 'files for'} ${known ?? table}`, {
    hint:
      known === undefined
        ? list
        : `${list}; a folder ${known}/ in it, or --table ${known}=FILES, would bring it in`,
  });
}
