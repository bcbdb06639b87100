import type { KqlType } from '../schema/kql-types.ts';
import { NOTHING, naturalType } from './convert.ts';
import { type FileGroup, physical } from './group.ts';
import type { Contract, ContractColumn } from './tables/contract.ts';

/** A column of a table's view. */
export interface ViewColumn extends ContractColumn {
  /** Whether its files have decimals of several scales, or decimals beside other numbers. */
  readonly scales?: boolean;
}

/** What a table of files that hold nothing has, since a view is of one column at least: what a CSV header calls one without a name. */
const NO_COLUMN: ViewColumn = { name: 'column0', type: 'string', required: false };

/** The contract's columns, then the others that the files have, in the order in which they are first seen. */
export function viewColumns(contract: Contract | undefined, groups: readonly FileGroup[]): ViewColumn[] {
  const promised = (contract?.columns ?? []).map((column) => ({
    ...column,
    name: contractName(column, groups),
    type: contractType(column, groups),
  }));
  const others = otherColumns(new Set(promised.map(({ name }) => name.toLowerCase())), groups);
  return promised.length + others.length === 0 ? [NO_COLUMN] : [...promised, ...others];
}

/** What the files have that no contract names. A column's type is one that holds what each group of files has. */
function otherColumns(promised: ReadonlySet<string>, groups: readonly FileGroup[]): ViewColumn[] {
  const found = new Map<string, { name: string; types: Set<string> }>();
  for (const { name, type } of groups.flatMap(({ columns }) => columns)) {
    const key = name.toLowerCase();
    if (promised.has(key)) continue;
    const column = found.get(key) ?? { name, types: new Set() };
    if (type !== NOTHING) column.types.add(type);
    found.set(key, column);
  }
  return [...found.values()].map(({ name, types }) => {
    const natural = [...types].map(naturalType);
    const type = natural.length === 0 ? naturalType(NOTHING) : natural.reduce(widest);
    return { name, type, required: false, scales: type === 'decimal' && types.size > 1 };
  });
}

/** Of two spellings that of the files. */
function contractName({ name, spelling }: ContractColumn, groups: readonly FileGroup[]): string {
  if (spelling === undefined) return name;
  const spelled = new Set(groups.flatMap((group) => group.columns.map((column) => column.name)));
  return spelled.has(spelling) && !spelled.has(name) ? spelling : name;
}

/**
 * AdditionalFields and its like are string in Defender and dynamic in Sentinel, a Port is int there and string here: the files
 * tell which. What Defender has as dynamic may be any text.
 */
function contractType(column: ContractColumn, groups: readonly FileGroup[]): KqlType {
  const { type, laType } = column;
  if (laType === undefined || type === 'dynamic') return type;
  const asInSentinel = groups.some((group) => {
    const found = group.text ? undefined : physical(group, column.name);
    return found !== undefined && group.shape !== 'defender-xdr' && naturalType(found.type) === laType;
  });
  return asInSentinel ? laType : type;
}

function widest(a: KqlType, b: KqlType): KqlType {
  if (a === b) return a;
  const order: KqlType[] = ['int', 'long', 'decimal', 'real'];
  const [left, right] = [order.indexOf(a), order.indexOf(b)];
  return left >= 0 && right >= 0 ? order[Math.max(left, right)]! : 'string';
}
