/** The names that Kusto gives columns which the query does not name. */
import { elements, kindOf, resultName, type SyntaxNode } from '../parser.ts';
import { nameOf } from './context.ts';

/** `name = expression`: the name, the compound names of `(a, b) = …`, and the expression itself. */
export function namedExpression(node: SyntaxNode): {
  name?: string;
  names?: string[];
  expression: SyntaxNode;
} {
  const kind = kindOf(node);
  if (kind === 'SimpleNamedExpression') return { name: nameOf(node['Name']), expression: node['Expression'] };
  if (kind === 'CompoundNamedExpression') {
    return { names: elements(node['Names'].Names).map(nameOf), expression: node['Expression'] };
  }
  return { expression: node };
}

/** The name that an expression has of its own: its column, `d_a` for `d.a`, `sum_x` for `sum(x)`. */
export function ownName(node: SyntaxNode): string | undefined {
  switch (kindOf(node)) {
    case 'SimpleNamedExpression':
      return nameOf(node['Name']);
    case 'NameReference':
      return nameOf(node);
    case 'ParenthesizedExpression':
      return ownName(node['Expression']);
    case 'PathExpression':
    case 'ElementExpression':
      return pathName(node);
    case 'FunctionCallExpression':
      return callName(node);
    default:
      return undefined;
  }
}

function pathName(node: SyntaxNode): string | undefined {
  const base = ownName(node['Expression']);
  const selector = node['Selector'] as SyntaxNode;
  const part = selectorName(selector);
  if (base === undefined || part === undefined) return undefined;
  if (base === '$left' || base === '$right') return part;
  return `${base}_${part}`;
}

function selectorName(selector: SyntaxNode): string | undefined {
  const inner = (selector['Expression'] ?? selector) as SyntaxNode;
  const kind = kindOf(inner);
  if (kind === 'StringLiteralExpression') return String(inner['LiteralValue']);
  if (kind === 'LongLiteralExpression') return String(inner['Token']?.Text ?? inner['LiteralValue']);
  if (kind === 'NameReference') return nameOf(inner);
  return undefined;
}

function callName(node: SyntaxNode): string | undefined {
  const name = nameOf(node['Name']);
  const { kind, prefix } = resultName(name);
  const [first] = elements(node['ArgumentList']?.Expressions);
  const argument = first ? ownName(first) : undefined;
  switch (kind) {
    case 'none':
      return undefined;
    case 'function':
      return `${name}_${argument ?? ''}`;
    case 'prefix':
      return `${prefix}_${argument ?? ''}`;
    case 'prefixOnly':
      return prefix;
    case 'columnValue':
      return first && kindOf(first) === 'StringLiteralExpression' ? String(first['LiteralValue']) : argument;
    default:
      return argument;
  }
}

export const PLAIN_COLUMN = (index: number): string => `Column${index}`;
