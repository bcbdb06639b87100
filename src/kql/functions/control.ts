/** Choice among values, and what the query knows of itself. */
import { literal, type Scalar } from '../../plan/scalar.ts';
import { asBool } from '../lower/expression/binary.ts';
import { lowerScalar } from '../lower/expression/expression.ts';
import { asTable } from '../lower/expression/subquery.ts';
import { findColumn, reference, refuse } from '../lower/query/context.ts';
import type { SyntaxNode } from '../parser.ts';
import { callRow, convertTo, unified, widest } from './call.ts';
import type { SpecialTable } from './special.ts';

/** Of values beside dynamic ones, theirs is the type of the choice, as Microsoft's binder has it. */
function choose(conditions: Scalar[], values: Scalar[], node: SyntaxNode): Scalar {
  const typed = [...new Set(values.map(({ type }) => type))].filter((type) => type !== 'dynamic');
  const type = typed.length === 1 ? typed[0]! : widest(typed);
  const same = type ? values.map((value) => convertTo(value, type, node)) : unified(values, node);
  const args = conditions.flatMap((condition, index) => [condition, same[index]!]);
  return callRow('case', [...args, same.at(-1)!], node, same[0]!.type);
}

const condition = asBool;

export const controlForms: SpecialTable = {
  iff: (context, args, node) => {
    if (args.length !== 3) return refuse('KS119', 'iff takes three arguments', node);
    const [test, yes, no] = args.map((arg) => lowerScalar(context, arg)) as [Scalar, Scalar, Scalar];
    return choose([condition(test, node)], [yes, no], node);
  },
  case: (context, args, node) => {
    if (args.length < 3 || args.length % 2 === 0)
      return refuse('KS119', 'case takes an odd number of arguments', node);
    const all = args.map((arg) => lowerScalar(context, arg));
    const conditions = all.slice(0, -1).filter((_, index) => index % 2 === 0);
    const values = all.filter((_, index) => index % 2 === 1 || index === all.length - 1);
    return choose(
      conditions.map((test) => condition(test, node)),
      values,
      node,
    );
  },
  coalesce: (context, args, node) => {
    const values = unified(
      args.map((arg) => lowerScalar(context, arg)),
      node,
    );
    return callRow('coalesce', values, node, values[0]!.type);
  },
  not: (context, args, node) => callRow('not', [condition(lowerScalar(context, args[0]!), node)], node),
  column_ifexists: (context, args, node) => {
    const name = lowerScalar(context, args[0]!);
    if (name.kind !== 'literal') return refuse('MG003', 'the name must be a literal', node);
    const found = findColumn(context.row, String(name.value));
    return found ? reference(found) : lowerScalar(context, args[1]!);
  },
  column_names_of: (context, args) =>
    literal('dynamic', JSON.stringify(asTable(context, args[0]!).columns.map(({ name }) => name))),
  columnifexists: (context, args, node) => controlForms.column_ifexists!(context, args, node),
  materialize: (context, args) => lowerScalar(context, args[0]!),
  current_cluster_endpoint: (_, __, node) => refuse('MG002', 'there is no cluster', node),
  pi: (_, __, node) => callRow('pi', [], node),
  gettype: (context, args, node) => {
    const value = lowerScalar(context, args[0]!);
    return value.type === 'dynamic'
      ? callRow('gettype_dynamic', [value], node)
      : literal('string', value.type);
  },
};
