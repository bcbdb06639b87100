/** `scan` with one step that does not look back: the declared columns set where the step's condition holds. */
import { literal, type Scalar } from '../../plan/scalar.ts';
import { convertTo } from '../functions/call.ts';
import { elements, kindOf, type SyntaxNode } from '../parser.ts';
import { asBool } from './binary.ts';
import { type Context, nameOf, parametersOf, type Relation, reference, refuse } from './context.ts';
import { declaredType } from './datatable.ts';
import { lowerExpression } from './expression.ts';
import { extended, filtered, type NamedValue, origin, projected } from './relation.ts';

type Row = Context & { row: Relation };

export function lowerScan(context: Row, node: SyntaxNode): Relation {
  const [step, second] = elements(node.Steps);
  if (!step || second) return refuse('MG003', 'scan of several steps has no translation', node);
  if (parametersOf(node).size > 0 || node.OrderByClause || node.PartitionByClause) {
    return refuse('MG003', 'this form of scan has no translation', node);
  }
  if (!context.row.ordered)
    return refuse('KS256', 'scan needs rows in order', node, 'put sort by or serialize before it');
  const name = nameOf(step.Name);
  if (looksBack(step, name))
    return refuse('MG003', `scan that looks back (${name}.…) has no translation`, step);
  const declared = elements(node.DeclareClause?.Declarations).map((parameter) =>
    declaration(context, parameter),
  );
  const row = extended(context.row, declared, { label: 'scan_columns' });
  const inner = { ...context, row };
  const matched = filtered(row, asBool(lowerExpression(inner, step.Condition), step), {
    label: 'scan_step',
  });
  const assigned = elements(step.ComputationClause?.Assignments).map((assignment) => {
    const target = nameOf(assignment.Name);
    const column = declared.find((known) => known.name === target);
    if (!column) return refuse('KS142', `${target} is not declared`, assignment);
    return {
      name: target,
      value: convertTo(lowerExpression(inner, assignment.Expression), column.value.type, assignment),
    };
  });
  const set = extended(matched, assigned, origin(context, 'scan', node));
  return projected(
    set,
    set.columns.map((column) => ({ name: column.name, value: reference(column) })),
    origin(context, 'scan', node),
  );
}

function declaration(context: Context, parameter: SyntaxNode): NamedValue {
  const type = declaredType(parameter.NameAndType.Type);
  const fallback = parameter.DefaultValue?.Value as SyntaxNode | undefined;
  const value: Scalar = fallback
    ? convertTo(lowerExpression(context, fallback), type, parameter)
    : literal(type, null);
  return { name: nameOf(parameter.NameAndType.Name), value };
}

/** Whether an expression reads the state of the step on the row before. */
function looksBack(node: SyntaxNode, step: string): boolean {
  if (
    kindOf(node) === 'PathExpression' &&
    kindOf(node.Expression) === 'NameReference' &&
    nameOf(node.Expression) === step
  ) {
    return true;
  }
  for (let index = 0; index < node.ChildCount; index += 1) {
    const child = node.GetChild(index);
    if (child && looksBack(child, step)) return true;
  }
  return false;
}
