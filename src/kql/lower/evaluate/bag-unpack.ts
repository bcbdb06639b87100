/** `evaluate bag_unpack(d)`: the bag's properties as columns of their own. */
import { aggregate, project, unnest } from '../../../plan/nodes.ts';
import { column, literal, type Scalar } from '../../../plan/scalar.ts';
import type { Column } from '../../../schema/kql-types.ts';
import { NeedsDiscovery, unpackedColumns } from '../../discovery.ts';
import { aggregation } from '../../functions/aggregates.ts';
import { callRow, convertTo } from '../../functions/call.ts';
import { elements, kindOf, type SyntaxNode } from '../../parser.ts';
import { declaredType } from '../datatable.ts';
import { lowerScalar } from '../expression/expression.ts';
import {
  type Context,
  nameOf,
  type Relation,
  type RelationColumn,
  reference,
  refuse,
} from '../query/context.ts';
import { type NamedValue, origin, projected, relationOf, uniqueRefs } from '../query/relation.ts';

type Row = Context & { row: Relation };

export function lowerBagUnpack(context: Row, args: readonly SyntaxNode[], node: SyntaxNode): Relation {
  const options = optionsOf(context, args);
  const bag = lowerScalar(context, args[0]!);
  if (bag.kind !== 'column' || bag.type !== 'dynamic')
    return refuse('MG003', 'bag_unpack takes a dynamic column', args[0]!);
  const declared = node.Schema ? declaredColumns(context, node.Schema, bag.name) : undefined;
  const found = declared ?? discovered(context, bag, node);
  const ignored = new Set(options.ignored);
  const properties = found.filter(({ name }) => !ignored.has(name));
  const source = keptColumns(context, bag.name, node.Schema);
  const value = ({ name, type }: Column): Scalar =>
    convertTo(callRow('path', [bag, literal('string', name)], node), type, node);
  const unpacked = properties.map((property) => ({
    name: `${options.prefix}${property.name}`,
    value: value(property),
  }));
  const items = merged(
    source.map((each) => ({ name: each.name, value: reference(each) })),
    unpacked,
    options.conflict,
    node,
  );
  const bagName = context.row.columns.find(({ ref }) => ref === bag.name)!.name;
  const inPlace = items.findIndex(({ name }) => name === bagName);
  if (inPlace >= 0)
    items.splice(
      context.row.columns.findIndex(({ ref }) => ref === bag.name),
      0,
      ...items.splice(inPlace, 1),
    );
  return projected(context.row, items, origin(context, 'bag_unpack', node));
}

interface Options {
  readonly prefix: string;
  readonly conflict: string;
  readonly ignored: readonly string[];
}

function optionsOf(context: Context, args: readonly SyntaxNode[]): Options {
  const given: Record<string, unknown> = {};
  const names = ['prefix', 'columnsConflict', 'ignoredProperties'];
  for (const [index, arg] of args.slice(1).entries()) {
    const named = kindOf(arg) === 'SimpleNamedExpression';
    const value = lowerScalar(context, named ? arg.Expression : arg);
    if (value.kind !== 'literal') return refuse('MG003', 'only literals have a translation here', arg);
    const name = named ? nameOf(arg.Name) : names[index]!;
    given[name === 'OutputColumnPrefix' ? 'prefix' : name] =
      value.type === 'dynamic' ? JSON.parse(String(value.value)) : value.value;
  }
  return {
    prefix: String(given.prefix ?? ''),
    conflict: String(given.columnsConflict ?? 'error'),
    ignored: (given.ignoredProperties as string[] | undefined) ?? [],
  };
}

/** The row's other columns: all of them, or with an output schema without `*` those that it names. */
function keptColumns(context: Row, bag: string, schema: SyntaxNode | null): RelationColumn[] {
  const others = context.row.columns.filter(({ ref }) => ref !== bag);
  const inner = schema?.Schema ?? schema;
  if (!inner || inner.AsteriskToken) return others;
  const named = new Set(elements(inner.Columns).map((each) => nameOf(each.Name)));
  return others.filter(({ name }) => named.has(name));
}

/** The output schema written after the plugin, without what the row itself has; `*` stands for that. */
function declaredColumns(context: Row, schema: SyntaxNode, bag: string): Column[] {
  const kept = new Set(context.row.columns.filter(({ ref }) => ref !== bag).map(({ name }) => name));
  const inner = schema.Schema ?? schema;
  return elements(inner.Columns)
    .map((each) => ({ name: nameOf(each.Name), type: declaredType(each.Type) }))
    .filter(({ name }) => !kept.has(name));
}

function merged(
  source: readonly NamedValue[],
  unpacked: readonly NamedValue[],
  conflict: string,
  node: SyntaxNode,
): NamedValue[] {
  const items = [...source];
  for (const item of unpacked) {
    const at = items.findIndex(({ name }) => name === item.name);
    if (at < 0) items.push(item);
    else if (conflict === 'replace_source') items[at] = item;
    else if (conflict !== 'keep_source')
      refuse(
        'KS150',
        `bag_unpack makes a column ${item.name} that exists already`,
        node,
        "give it a prefix, or columnsConflict='replace_source'",
      );
  }
  return items;
}

/** The properties that the bags have, from a first run over them. */
function discovered(context: Row, bag: Scalar & { kind: 'column' }, node: SyntaxNode): Column[] {
  const key = `bag_unpack@${node.TextStart}`;
  const rows = context.session.discovered[key];
  if (rows) return unpackedColumns(rows);
  const { plan } = context.row;
  const [entry] = uniqueRefs(
    ['entry'],
    plan.columns.map(({ name }) => name),
  ) as [string];
  const entries = unnest(plan, [{ name: entry, value: callRow('bag_entries', [bag], node) }], undefined, {
    label: 'entries',
  });
  const part = (name: string): Scalar =>
    convertTo(callRow('path', [column(entry, 'dynamic'), literal('string', name)], node), 'string', node);
  const named = project(
    entries,
    [
      { name: 'name', value: part('name') },
      { name: 'type', value: part('type') },
    ],
    { label: 'properties' },
  );
  const types = aggregation(
    { ...context, row: relationOf(named) },
    'make_set',
    [column('type', 'string')],
    node,
  );
  throw new NeedsDiscovery({
    key,
    plan: aggregate(
      named,
      [{ name: 'name', value: column('name', 'string') }],
      [{ name: 'types', value: types }],
      { label: 'types' },
    ),
  });
}
