/** The names that Kusto gives columns which the query does not name. */
import { elements, kindOf, resultName, type SyntaxNode } from '../../parser.ts';
import { type Context, findColumn, nameOf } from './context.ts';

/** `name = expression`: the name, the compound names of `(a, b) = …`, and the expression itself. */
export function namedExpression(node: SyntaxNode): {
  name?: string;
  names?: string[];
  expression: SyntaxNode;
} {
  const kind = kindOf(node);
  if (kind === 'SimpleNamedExpression') return { name: nameOf(node.Name), expression: node.Expression };
  if (kind === 'CompoundNamedExpression') {
    return { names: elements(node.Names.Names).map(nameOf), expression: node.Expression };
  }
  return { expression: node };
}

/** The name that an expression has of its own: its column, `d_a` for `d.a`, `sum_x` for `sum(x)`. */
export function ownName(
  node: SyntaxNode,
  isColumn: (name: string) => boolean = () => true,
): string | undefined {
  switch (kindOf(node)) {
    case 'SimpleNamedExpression':
      return nameOf(node.Name);
    case 'NameReference':
      return isColumn(nameOf(node)) ? nameOf(node) : undefined;
    case 'ParenthesizedExpression':
      return ownName(node.Expression, isColumn);
    case 'PathExpression':
    case 'ElementExpression':
      return pathName(node, isColumn);
    case 'FunctionCallExpression':
      return callName(node, isColumn);
    default:
      return undefined;
  }
}

/**
 * The same in a query's own row and with its variables: `column_ifexists(name, …)` has the name of the column that it finds,
 * and of the column that stands in for one, as its page has it.
 */
export function ownNameIn(context: Context, node: SyntaxNode): string | undefined {
  const isColumn = (name: string): boolean => findColumn(context.row, name) !== undefined;
  const [first, second] = elements(node.ArgumentList?.Expressions);
  if (!first || resultName(nameOf(node.Name)).kind !== 'columnValue') return ownName(node, isColumn);
  const instead = second && kindOf(second) === 'NameReference' ? ownName(second, isColumn) : undefined;
  const binding =
    kindOf(first) === 'NameReference' && !isColumn(nameOf(first))
      ? context.scope.find(nameOf(first))
      : undefined;
  if (binding?.kind === 'scalar' && binding.value.kind === 'literal')
    return isColumn(String(binding.value.value)) ? String(binding.value.value) : instead;
  return ownName(node, isColumn) ?? instead;
}

type IsColumn = (name: string) => boolean;

function pathName(node: SyntaxNode, isColumn: IsColumn): string | undefined {
  const base = ownName(node.Expression, isColumn);
  const selector = node.Selector as SyntaxNode;
  const part = selectorName(selector);
  if (base === undefined || part === undefined) return undefined;
  if (base === '$left' || base === '$right') return part;
  return `${base}_${part}`;
}

function selectorName(selector: SyntaxNode): string | undefined {
  const inner = (selector.Expression ?? selector) as SyntaxNode;
  const kind = kindOf(inner);
  if (kind === 'StringLiteralExpression') return String(inner.LiteralValue);
  if (kind === 'LongLiteralExpression') return String(inner.Token?.Text ?? inner.LiteralValue);
  if (kind === 'NameReference') return nameOf(inner);
  return undefined;
}

function callName(node: SyntaxNode, isColumn: IsColumn): string | undefined {
  const name = nameOf(node.Name);
  const { kind, prefix } = resultName(name);
  const args = elements(node.ArgumentList?.Expressions);
  const [first] = args;
  const argument = first ? ownName(first, isColumn) : undefined;
  if (/^array_sort_(asc|desc)$/.test(name)) return sortedName(argument);
  switch (kind) {
    case 'none':
      return undefined;
    case 'function':
      return `${name}_${argument ?? ''}`;
    case 'prefix':
      if (name.startsWith('covariance'))
        return `${name}_${args
          .slice(0, 2)
          .map((arg) => ownName(arg, isColumn) ?? '')
          .join('_')}`;
      return `${prefix}_${argument ?? ''}`;
    case 'prefixOnly':
      return prefix;
    case 'columnValue':
      if (first && kindOf(first) === 'StringLiteralExpression')
        return isColumn(String(first.LiteralValue)) ? String(first.LiteralValue) : undefined;
      return argument;
    case 'onlyArgument':
      return args.length === 1 ? argument : undefined;
    default:
      return argument;
  }
}

/** What `array_sort_asc` and `array_sort_desc` call the array that they sorted. */
export function sortedName(argument: string | undefined, index = 0): string {
  return `${argument || `array${index}`}_sorted`;
}

/** `Column1`, `Column2`, …: what Kusto calls columns whose expressions have no name of their own. */
export function plainNames(taken: ReadonlySet<string>): () => string {
  let index = 0;
  return () => {
    do index += 1;
    while (taken.has(`Column${index}`));
    return `Column${index}`;
  };
}
