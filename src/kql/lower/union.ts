/** `union`: columns matched by name, the rest padded; a name of two types becomes two columns. */
import { project, union } from '../../plan/nodes.ts';
import { literal, type Scalar } from '../../plan/scalar.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { Refusal } from '../diagnostics.ts';
import { elements, kindOf, type SyntaxNode } from '../parser.ts';
import { asTable } from './expression/subquery.ts';
import {
  type Context,
  findColumn,
  nameOf,
  note,
  parametersOf,
  type Relation,
  reference,
  refuse,
  textOf,
} from './query/context.ts';
import { lowerTableName } from './query/pipeline.ts';
import { origin, uniqueName, uniqueRefs } from './query/relation.ts';

export interface Input {
  readonly relation: Relation;
  readonly source: string;
}

export function lowerUnion(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  if (context.row.group)
    return refuse('MG003', 'a union inside mv-apply or partition has no translation', node);
  const { plan } = context.row;
  const first = {
    relation: context.row,
    source: context.row.source ?? (plan.kind === 'scan' ? plan.table : 'union_arg0'),
  };
  return united(
    context,
    node,
    [first, ...inputsOf(context, node.Expressions, 1, parametersOf(node).has('isfuzzy'))],
    ...outputOf(context, node),
  );
}

export function lowerUnionSource(context: Context, node: SyntaxNode): Relation {
  return united(
    context,
    node,
    inputsOf(context, node.Expressions, 0, parametersOf(node).has('isfuzzy')),
    ...outputOf(context, node),
  );
}

/** `kind`, and the name of the column that says where a row is from. */
function outputOf(context: Context, node: SyntaxNode): ['inner' | 'outer', string | undefined] {
  const parameters = parametersOf(node);
  const kind = parameters.has('kind') ? textOf(context, parameters.get('kind')!).trim() : 'outer';
  const source = parameters.get('withsource') ?? parameters.get('with_source');
  return [
    kind === 'inner' ? 'inner' : 'outer',
    source ? (nameOf(source) ?? textOf(context, source)) : undefined,
  ];
}

/** The tables that a list names, patterns such as `Device*` included. */
export function inputsOf(context: Context, list: SyntaxNode, offset: number, fuzzy: boolean): Input[] {
  const { label: _, ...inner } = context;
  const found: Input[] = [];
  for (const item of elements(list)) {
    const bare = stripped(item);
    const name = kindOf(bare) === 'NameReference' ? nameOf(bare) : undefined;
    if (name?.includes('*') && context.scope.find(name) === undefined) {
      const pattern = new RegExp(`^${name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
      const matching = everyTable(inner, item).filter(({ source }) => pattern.test(source));
      if (matching.length === 0 && !fuzzy) return refuse('KS142', `no table matches '${name}'`, item);
      found.push(...matching);
      continue;
    }
    try {
      const relation = asTable(inner, item);
      const source =
        relation.source ??
        viewName(context, bare) ??
        (relation.plan.kind === 'scan' ? relation.plan.table : `union_arg${found.length + offset}`);
      found.push({ relation, source });
    } catch (error) {
      // A fuzzy union forgives tables that are not there, and nothing else: a leg with a wrong column would be rows lost.
      // https://learn.microsoft.com/kusto/query/union-operator
      if (!fuzzy || !(error instanceof Refusal) || error.code !== 'KS204') throw error;
      const missing = /'([^']+)'/.exec(error.message)?.[1] ?? name ?? 'a table';
      note(context, item, `${missing} is unknown, and left out of the fuzzy union`);
    }
  }
  if (found.length + offset === 0) return refuse('MG003', 'a union of nothing', list);
  return found;
}

/** What a wildcard may stand for: the query's views, and the tables. */
export function everyTable(context: Context, node: SyntaxNode): Input[] {
  const views = [...context.scope.bindings()].filter(
    ([, binding]) => binding.kind === 'function' && binding.declaration.ViewKeyword,
  );
  const names = new Set([...views.map(([name]) => name), ...Object.keys(context.session.tables)]);
  return [...names].map((name) => ({ relation: lowerTableName(context, name, node), source: name }));
}

/** The name of a function declared as a view. */
function viewName(context: Context, node: SyntaxNode): string | undefined {
  const name = kindOf(node) === 'NameReference' ? nameOf(node) : undefined;
  const binding = name === undefined ? undefined : context.scope.find(name);
  return binding?.kind === 'function' && binding.declaration.ViewKeyword ? name : undefined;
}

function stripped(node: SyntaxNode): SyntaxNode {
  return kindOf(node) === 'ParenthesizedExpression' ? stripped(node.Expression) : node;
}

export function united(
  context: Context,
  node: SyntaxNode,
  inputs: readonly Input[],
  kind: 'inner' | 'outer',
  sourceName: string | undefined,
): Relation {
  const columns = kind === 'inner' ? common(inputs) : all(inputs);
  if (columns.length === 0)
    return refuse('MG003', 'a union of tables that have no column in common has no translation', node);
  const names = [...(sourceName ? [sourceName] : []), ...columns.map(({ name }) => name)];
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined)
    return refuse('MG003', `a union that makes the column ${twice} twice has no translation`, node);
  const refs = uniqueRefs(names);
  const plans = inputs.map(({ relation, source }) => {
    const values: Scalar[] = columns.map(({ from, type }) => {
      const found = findColumn(relation, from);
      return found && found.type === type ? reference(found) : literal(type, null);
    });
    const whole = [...(sourceName ? [literal('string', source)] : []), ...values];
    const same =
      whole.length === relation.plan.columns.length &&
      whole.every(
        (value, i) =>
          value.kind === 'column' && value.name === refs[i] && relation.plan.columns[i]!.name === refs[i],
      );
    return same
      ? relation.plan
      : project(
          relation.plan,
          whole.map((value, index) => ({ name: refs[index]!, value })),
          { label: `${source}_columns` },
        );
  });
  const types = [...(sourceName ? ['string' as KqlType] : []), ...columns.map(({ type }) => type)];
  const planColumns = refs.map((name, index) => ({
    name,
    type: types[index]!,
    nullable: types[index] !== 'string',
  }));
  const plan = plans.length === 1 ? plans[0]! : union(plans, planColumns, origin(context, 'union', node));
  return {
    plan,
    ordered: false,
    columns: planColumns.map(({ type, nullable }, index) => ({
      name: names[index]!,
      ref: refs[index]!,
      type,
      nullable,
    })),
  };
}

interface UnitedColumn {
  readonly name: string;
  readonly from: string;
  readonly type: KqlType;
}

function all(inputs: readonly Input[]): UnitedColumn[] {
  const types = new Map<string, KqlType[]>();
  for (const { relation } of inputs) {
    for (const { name, type } of relation.columns) {
      const known = types.get(name) ?? [];
      if (!known.includes(type)) types.set(name, [...known, type]);
    }
  }
  // A name with a suffix gives way to a column that is called so.
  const taken = new Set([...types].filter(([, known]) => known.length === 1).map(([name]) => name));
  return [...types].flatMap(([name, known]) =>
    known.map((type) => {
      if (known.length === 1) return { name, from: name, type };
      const suffixed = uniqueName(`${name}_${type}`, taken);
      taken.add(suffixed);
      return { name: suffixed, from: name, type };
    }),
  );
}

function common(inputs: readonly Input[]): UnitedColumn[] {
  const [first, ...rest] = inputs;
  return first!.relation.columns
    .filter(({ name, type }) => rest.every(({ relation }) => findColumn(relation, name)?.type === type))
    .map(({ name, type }) => ({ name, from: name, type }));
}
