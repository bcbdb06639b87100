/** `evaluate rolling_percentile(…)`: a percentile over each bin and the bins before it. */
import { kindOf, type SyntaxNode } from '../../parser.ts';
import { lowerScalar } from '../expression/expression.ts';
import {
  type Context,
  findColumn,
  nameOf,
  note,
  type Relation,
  type RelationColumn,
  reference,
  refuse,
} from '../query/context.ts';
import { projected } from '../query/relation.ts';
import { runQuery } from './plugin-query.ts';

type Row = Context & { row: Relation };

const query = (dimensions: string, type: string, percent: string): string => `
let binned = T | extend _bin = bin(_index, _size);
let bins = binned | distinct _bin${dimensions};
binned
| mv-expand _window = range(_bin, _bin + _size * (_count - 1), _size) to typeof(${type})
| summarize _percentile = percentile(_value, ${percent}) by _bin = _window${dimensions}
| join kind=leftsemi bins on _bin${dimensions}
| project _bin${dimensions}, _percentile`;

export function lowerRollingPercentile(
  context: Row,
  args: readonly SyntaxNode[],
  node: SyntaxNode,
): Relation {
  const [valueNode, percentNode, indexNode, sizeNode, countNode, ...dimensionNodes] = args;
  if (!countNode) return refuse('MG003', 'rolling_percentile takes five arguments and its dimensions', node);
  const column = (arg: SyntaxNode): RelationColumn =>
    (kindOf(arg) === 'NameReference' ? findColumn(context.row, nameOf(arg)) : undefined) ??
    refuse('MG003', 'only a column has a translation here', arg);
  const [value, index] = [column(valueNode!), column(indexNode!)];
  if (!['datetime', 'long', 'int'].includes(index.type))
    return refuse('MG003', `bins of a ${index.type} have no translation here`, indexNode!);
  const [percent, count] = [percentNode!, countNode].map((arg) => {
    const given = lowerScalar(context, arg);
    return given.kind === 'literal' ? given : refuse('MG003', 'only a literal has a translation here', arg);
  });
  const dimensions = dimensionNodes.map((arg, at) => ({ name: `_d${at}`, from: column(arg) }));
  const items = [
    { name: '_value', value: reference(value) },
    { name: '_index', value: reference(index) },
    ...dimensions.map(({ name, from }) => ({ name, value: reference(from) })),
  ];
  note(context, node, 'the documentation does not say what a bin without rows gives: it gives no row here');
  const { rowNumber: _, ...row } = context.row;
  const found = runQuery(
    context,
    query(
      dimensions.map(({ name }) => `, ${name}`).join(''),
      index.type === 'datetime' ? 'datetime' : 'long',
      String(percent!.value),
    ),
    {
      T: { kind: 'table', relation: projected({ ...row, ordered: false }, items, { label: 'values' }) },
      _size: { kind: 'scalar', value: lowerScalar(context, sizeNode!) },
      _count: { kind: 'scalar', value: count! },
    },
    node,
  );
  const names = [
    index.name,
    ...dimensions.map(({ from }) => from.name),
    `rolling_${count!.value}_percentile_${value.name}_${String(percent!.value).replace('.', '_')}`,
  ];
  return { ...found, columns: found.columns.map((each, at) => ({ ...each, name: names[at]! })) };
}
