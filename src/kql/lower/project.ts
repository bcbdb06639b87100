/** `project` and its kin: which columns, under which names, in which order. */
import { elements, kindOf, type SyntaxNode } from '../parser.ts';
import { withWindows } from './expression/window-steps.ts';
import { namedValues } from './extend.ts';
import {
  type Context,
  findColumn,
  nameOf,
  type Relation,
  type RelationColumn,
  reference,
  refuse,
} from './query/context.ts';
import { origin, projected } from './query/relation.ts';

type Row = Context & { row: Relation };

export function lowerProject(context: Row, node: SyntaxNode): Relation {
  return withWindows(context, node, (inner) => ({
    items: namedValues(inner, node.Expressions, (index) => `Column${index}`),
    finish: (row, items) => projected(row, items, origin(context, 'project', node)),
  }));
}

function keep(context: Row, node: SyntaxNode, columns: readonly RelationColumn[], label: string): Relation {
  return projected(
    context.row,
    columns.map((column) => ({ name: column.name, value: reference(column) })),
    origin(context, label, node),
  );
}

/** The columns that a name or a pattern such as `Initiating*` means, in the row's order. */
function matching(context: Row, item: SyntaxNode): RelationColumn[] {
  const bare = kindOf(item) === 'OrderedExpression' ? (item.Expression as SyntaxNode) : item;
  if (kindOf(bare) === 'StarExpression') return [...context.row.columns];
  const name = nameOf(bare);
  if (name.includes('*') && kindOf(bare.Name ?? bare).includes('Wildcard')) {
    const pattern = new RegExp(`^${name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
    return context.row.columns.filter((column) => pattern.test(column.name));
  }
  const found = findColumn(context.row, name);
  if (!found) return refuse('KS142', `unknown column '${name}'`, item);
  return [found];
}

export function lowerProjectAway(context: Row, node: SyntaxNode): Relation {
  const away = new Set(elements(node.Expressions).flatMap((item) => matching(context, item)));
  return keep(
    context,
    node,
    context.row.columns.filter((column) => !away.has(column)),
    'project_away',
  );
}

export function lowerProjectKeep(context: Row, node: SyntaxNode): Relation {
  const kept = new Set(elements(node.Expressions).flatMap((item) => matching(context, item)));
  return keep(
    context,
    node,
    context.row.columns.filter((column) => kept.has(column)),
    'project_keep',
  );
}

export function lowerProjectRename(context: Row, node: SyntaxNode): Relation {
  const names = new Map<RelationColumn, string>();
  for (const item of elements(node.Expressions)) {
    if (kindOf(item) !== 'SimpleNamedExpression')
      return refuse('MG003', 'project-rename takes new = old', item);
    const [old] = matching(context, item.Expression);
    names.set(old!, nameOf(item.Name));
  }
  const items = context.row.columns.map((column) => ({
    name: names.get(column) ?? column.name,
    value: reference(column),
  }));
  return projected(context.row, items, origin(context, 'project_rename', node));
}

const byName = (a: RelationColumn, b: RelationColumn): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

/** `granny-asc`: a20 before a100. */
const { compare: compareNumbers } = new Intl.Collator('en', { numeric: true });
const byNumbersWithin = (a: RelationColumn, b: RelationColumn): number => compareNumbers(a.name, b.name);

export function lowerProjectReorder(context: Row, node: SyntaxNode): Relation {
  const ordered: RelationColumn[] = [];
  for (const item of elements(node.Expressions)) {
    const found = matching(context, item).filter((column) => !ordered.includes(column));
    const ordering = String(item.Ordering?.AscOrDescKeyword?.Text ?? '');
    const compare = ordering.startsWith('granny') ? byNumbersWithin : byName;
    if (ordering.endsWith('asc')) found.sort(compare);
    else if (ordering.endsWith('desc')) found.sort((a, b) => compare(b, a));
    ordered.push(...found);
  }
  const rest = context.row.columns.filter((column) => !ordered.includes(column));
  return keep(context, node, [...ordered, ...rest], 'project_reorder');
}
