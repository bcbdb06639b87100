/** A query: its statements in turn, the last tabular one its result. */
import { own } from '../../../own.ts';
import { didYouMean, Refusal } from '../../diagnostics.ts';
import { elements, kindOf, type SyntaxNode } from '../../parser.ts';
import { declaredType } from '../datatable.ts';
import { lowerExpression } from '../expression/expression.ts';
import { isTabular } from '../expression/subquery.ts';
import { type Context, nameOf, note, type Relation, refuse } from './context.ts';
import { lowerLet } from './let.ts';
import { lowerPatternStatement } from './pattern.ts';
import { lowerTabular } from './pipeline.ts';
import { parameterLiteral } from './query-parameters.ts';
import { inOrder } from './relation.ts';
import { projectValue } from './value-query.ts';

export function lowerQuery(context: Context, root: SyntaxNode): Relation {
  let result: Relation | undefined;
  const declared: string[] = [];
  for (const statement of elements(root.Statements)) {
    switch (kindOf(statement)) {
      case 'LetStatement':
        lowerLet(context, statement);
        break;
      case 'ExpressionStatement': {
        if (result) return refuse('MG003', 'a second query in one text has no translation', statement);
        const expression = statement.Expression as SyntaxNode;
        result =
          isTabular(context, expression) ||
          kindOf(expression) === 'NameReference' ||
          kindOf(expression) === 'FunctionCallExpression'
            ? lowerTabular(context, expression)
            : projectValue(context, lowerExpression(context, expression));
        break;
      }
      case 'SetOptionStatement':
        setOption(context, statement);
        break;
      case 'PatternStatement':
        lowerPatternStatement(context, statement);
        break;
      case 'QueryParametersStatement':
        declared.push(...declareParameters(context, statement));
        break;
      default:
        return refuse('MG003', `this statement (${kindOf(statement)}) has no translation`, statement);
    }
  }
  refuseUndeclared(context, declared);
  return result ? inOrder(result) : refuse('KS000', 'there is no query', root);
}

/** Options of `bin_auto` mean something; the others advise the real engine. */
function setOption(context: Context, statement: SyntaxNode): void {
  const name = nameOf(statement.Name);
  const value = statement.ValueClause?.Expression as SyntaxNode | undefined;
  if (value && name.startsWith('query_bin_auto_'))
    context.session.set.set(name, lowerExpression(context, value));
  else note(context, statement, 'set is dropped: it advises the real engine');
}

/** The names that the statement declares, defined. */
function declareParameters(context: Context, statement: SyntaxNode): string[] {
  return elements(statement.Parameters).map((parameter) => {
    const name = nameOf(parameter.NameAndType.Name);
    const type = declaredType(parameter.NameAndType.Type);
    const given = own(context.session.parameters, name);
    const fallback = parameter.DefaultValue?.Value as SyntaxNode | undefined;
    if (given === undefined && !fallback)
      refuse('MG010', `the query parameter ${name} has no value`, parameter);
    const value =
      given === undefined
        ? lowerExpression(context, fallback!)
        : parameterLiteral(name, type, given, parameter);
    context.scope.define(name, { kind: 'scalar', value });
    return name;
  });
}

/** A value that goes nowhere is a mistyped name: the query would run with its own default. */
function refuseUndeclared({ session }: Context, declared: readonly string[]): void {
  const stray = Object.keys(session.parameters).find((name) => !declared.includes(name));
  if (stray === undefined) return;
  const has = declared.length === 0 ? 'it declares none' : `it declares ${declared.join(', ')}`;
  throw new Refusal(
    'MG013',
    `a value is given for '${stray}', which is no parameter of this query`,
    { start: 0, length: 1 },
    didYouMean(stray, declared) ?? has,
  );
}
