/** Pipelines as KQL text, tables and all, so that a counterexample can be pasted into Kusto. */
import { aggregateText } from './aggregates.ts';
import { expressionText, literalText } from './expression.ts';
import type { JoinKey, Named, Operator, Pipeline, SortKey, Tables } from './operators.ts';
import type { Column, Table } from './value.ts';

export function queryText(pipeline: Pipeline, tables: Tables): string {
  const declared = Object.entries(tables).map(([name, table]) => `let ${name} = ${tableText(table)};`);
  return [...declared, pipelineText(pipeline)].join('\n');
}

function tableText({ columns, rows }: Table): string {
  const cells = rows.map((row) => columns.map(({ name, type }) => literalText(type, row[name]!)).join(', '));
  return `datatable(${columns.map(({ name, type }) => `${name}:${type}`).join(', ')})[${cells.join(',\n  ')}]`;
}

function pipelineText({ source, operators }: Pipeline): string {
  return [source, ...operators.map(operatorText)].join('\n| ');
}

function operatorText(operator: Operator): string {
  switch (operator.kind) {
    case 'where':
      return `where ${expressionText(operator.condition)}`;
    case 'extend':
      return `extend ${operator.items.map(namedText).join(', ')}`;
    case 'project':
    case 'distinct':
      return `${operator.kind} ${names(operator.columns)}`;
    case 'summarize': {
      const by = operator.by.length ? ` by ${operator.by.map(namedText).join(', ')}` : '';
      return `summarize ${operator.aggregates.map(aggregateText).join(', ')}${by}`;
    }
    case 'sort':
      return `sort by ${operator.keys.map(sortKeyText).join(', ')}`;
    case 'take':
      return `take ${operator.count}`;
    case 'top':
      return `top ${operator.count} by ${sortKeyText(operator.key)}`;
    case 'count':
      return 'count';
    case 'join':
      return `join kind=${operator.how} (${pipelineText(operator.right)}) on ${operator.on.map(keyText).join(', ')}`;
    case 'union':
      return `union kind=${operator.how} (${pipelineText(operator.other)})`;
    default:
      return operator satisfies never;
  }
}

const names = (columns: readonly Column[]): string => columns.map(({ name }) => name).join(', ');

const namedText = ({ column, value }: Named): string =>
  value.kind === 'column' && value.column.name === column.name
    ? column.name
    : `${column.name} = ${expressionText(value)}`;

const sortKeyText = ({ column, descending, nullsFirst }: SortKey): string =>
  `${column.name} ${descending ? 'desc' : 'asc'} nulls ${nullsFirst ? 'first' : 'last'}`;

const keyText = ({ left, right }: JoinKey): string =>
  left === right ? left : `$left.${left} == $right.${right}`;
