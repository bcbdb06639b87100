/** `evaluate bag_unpack(d)`: the bag's properties as columns of their own. */
import { aggregate, project, unnest } from '../../../plan/nodes.ts';
import { column, type Literal, literal, type Scalar } from '../../../plan/scalar.ts';
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
  const options = optionsOf(context, args, node);
  const bag = lowerScalar(context, args[0]!);
  if (bag.kind !== 'column' || bag.type !== 'dynamic')
    return refuse('MG003', 'bag_unpack takes a dynamic column', args[0]!);
  const properties = node.Schema
    ? declaredProperties(context, node.Schema, bag.name, options)
    : discovered(context, bag, node).filter(({ name }) => !options.ignored.includes(name));
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

const PARAMETERS = ['OutputColumnPrefix', 'columnsConflict', 'ignoredProperties'];
const CONFLICTS = ['error', 'replace_source', 'keep_source'];

function optionsOf(context: Context, args: readonly SyntaxNode[], node: SyntaxNode): Options {
  if (args.length === 0 || args.length > 4)
    return refuse(
      'KS119',
      `bag_unpack takes a column, and up to three options: ${PARAMETERS.join(', ')}`,
      node,
    );
  const given: Record<string, unknown> = {};
  for (const [index, arg] of args.slice(1).entries()) {
    const named = kindOf(arg) === 'SimpleNamedExpression';
    const name = named ? nameOf(arg.Name) : PARAMETERS[index]!;
    if (!PARAMETERS.includes(name) || name in given)
      return refuse(
        'KS119',
        `bag_unpack does not take ${name} here`,
        arg,
        `it takes ${PARAMETERS.join(', ')}`,
      );
    const value = lowerScalar(context, named ? arg.Expression : arg);
    if (value.kind !== 'literal') return refuse('MG003', 'only literals have a translation here', arg);
    given[name] = checkedOption(name, value, arg);
  }
  return {
    prefix: String(given.OutputColumnPrefix ?? ''),
    conflict: String(given.columnsConflict ?? 'error'),
    ignored: (given.ignoredProperties as string[] | undefined) ?? [],
  };
}

function checkedOption(name: string, { type, value }: Literal, arg: SyntaxNode): unknown {
  if (name === 'ignoredProperties') {
    const listed: unknown = type === 'dynamic' ? JSON.parse(String(value)) : undefined;
    return Array.isArray(listed) && listed.every((each) => typeof each === 'string')
      ? listed
      : refuse('KS119', 'ignoredProperties is a dynamic array of names', arg);
  }
  if (type !== 'string') return refuse('KS119', `${name} is a string`, arg);
  if (name === 'columnsConflict' && !CONFLICTS.includes(String(value)))
    return refuse('KS119', `columnsConflict is one of ${CONFLICTS.join(', ')}`, arg);
  return value;
}

/** The row's other columns: all of them, or with an output schema without `*` those that it names. */
function keptColumns(context: Row, bag: string, schema: SyntaxNode | null): RelationColumn[] {
  const others = context.row.columns.filter(({ ref }) => ref !== bag);
  const inner = schema?.Schema ?? schema;
  if (!inner || inner.AsteriskToken) return others;
  const named = new Set(elements(inner.Columns).map((each) => nameOf(each.Name)));
  return others.filter(({ name }) => named.has(name));
}

/** The properties that the output schema names, without what the row itself has; `*` stands for that. */
function declaredProperties(context: Row, schema: SyntaxNode, bag: string, options: Options): Column[] {
  const kept = new Set(context.row.columns.filter(({ ref }) => ref !== bag).map(({ name }) => name));
  const inner = schema.Schema ?? schema;
  return elements(inner.Columns)
    .filter((each) => !kept.has(nameOf(each.Name)))
    .map((each) => {
      const column = nameOf(each.Name);
      const name = column.slice(options.prefix.length);
      if (!column.startsWith(options.prefix) || options.ignored.includes(name))
        return refuse(
          'MG003',
          `an output schema with ${column}, which no property gives, has no translation`,
          each,
        );
      return { name, type: declaredType(each.Type) };
    });
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
  if (rows?.some(([name]) => name === ''))
    return refuse(
      'MG003',
      'a property whose name is empty has no translation',
      node,
      'bag_remove_keys(…, dynamic([""])) takes it out',
    );
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
