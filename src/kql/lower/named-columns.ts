/**
 * The columns that the condition of `find` or `search` names, over tables that lack some of them. Each table is a leg of a
 * union (https://learn.microsoft.com/kusto/query/find-operator): what it lacks is null there, an empty text of strings.
 */
import { literal } from '../../plan/scalar.ts';
import { elements, kindOf, type SyntaxNode } from '../parser.ts';
import { type Context, findColumn, nameOf, type Relation, refuse } from './query/context.ts';
import { extended } from './query/relation.ts';
import type { Input } from './union.ts';

/** The names that a condition leaves to the row. */
export function namedColumns(context: Context, node: SyntaxNode): string[] {
  if (kindOf(node) === 'NameReference') {
    const name = nameOf(node);
    const called = kindOf(node.Parent) === 'FunctionCallExpression' && node.Parent.Name === node;
    return called || context.scope.find(name) !== undefined ? [] : [name];
  }
  if (kindOf(node) === 'PathExpression') return namedColumns(context, node.Expression);
  return children(node).flatMap((child) => namedColumns(context, child));
}

/** Whether a condition looks for a term in every column. */
export function namesAll(node: SyntaxNode): boolean {
  switch (kindOf(node)) {
    case 'ParenthesizedExpression':
      return namesAll(node.Expression);
    case 'AndExpression':
    case 'OrExpression':
      return namesAll(node.Left) || namesAll(node.Right);
    case 'FunctionCallExpression':
      return node.Name?.SimpleName === 'not' && elements(node.ArgumentList?.Expressions).some(namesAll);
    case 'SearchExpression':
      return kindOf(node.Left) === 'StarExpression';
    case 'StringLiteralExpression':
    case 'CompoundStringLiteralExpression':
    case 'StarExpression':
      return true;
    default:
      return children(node).some((child) => kindOf(child) === 'StarExpression');
  }
}

/** What holds of no null and of no empty text, where the other side is a literal that is neither. */
const OF_SOMETHING =
  /^(Equal(Tilde)?|GreaterThan(OrEqual)?|LessThan(OrEqual)?|(Has|Contains|StartsWith|EndsWith|HasPrefix|HasSuffix)(Cs)?|Search)Expression$/;

/** Whether the columns that a table lacks keep the condition from holding, whatever the table's rows are. */
export function cannotHold(node: SyntaxNode, relation: Relation): boolean {
  const kind = kindOf(node);
  if (kind === 'ParenthesizedExpression') return cannotHold(node.Expression, relation);
  if (kind === 'AndExpression') return cannotHold(node.Left, relation) || cannotHold(node.Right, relation);
  if (kind === 'OrExpression') return cannotHold(node.Left, relation) && cannotHold(node.Right, relation);
  if (!OF_SOMETHING.test(kind) || kindOf(node.Left) !== 'NameReference') return false;
  const something =
    kindOf(node.Right).endsWith('LiteralExpression') && `${node.Right.LiteralValue ?? ''}` !== '';
  return something && findColumn(relation, nameOf(node.Left)) === undefined;
}

export interface Completed extends Input {
  /** The relation as it was, without what was lacking. */
  readonly own: Relation;
}

/** The tables with what they lack of these columns. */
export function completed(inputs: readonly Input[], names: readonly string[], node: SyntaxNode): Completed[] {
  const known = names.flatMap((name) => {
    const types = new Set(inputs.flatMap(({ relation }) => findColumn(relation, name)?.type ?? []));
    return types.size === 0 ? [] : [{ name, types: [...types] }];
  });
  return inputs.map(({ relation, source }) => {
    const items = known
      .filter(({ name }) => findColumn(relation, name) === undefined)
      .map(({ name, types: [type, other] }) => {
        if (other) refuse('MG003', `${name} is ${type} in one of these tables and ${other} in another`, node);
        return { name, value: literal(type!, null) };
      });
    const whole = items.length ? extended(relation, items, { label: 'lacking' }) : relation;
    const columns = whole.columns.slice(0, relation.columns.length);
    return { relation: whole, own: { ...whole, columns }, source };
  });
}

function children(node: SyntaxNode): SyntaxNode[] {
  return Array.from({ length: node.ChildCount as number }, (_, at) => node.GetChild(at)).filter(
    (child): child is SyntaxNode => Boolean(child),
  );
}
