/** Scalar functions in JavaScript, for meanings that SQL has no honest form of. The engine registers them. */

export type JavaScriptType = 'VARCHAR' | 'BIGINT' | 'DOUBLE' | 'BOOLEAN';
export type JavaScriptValue = string | bigint | number | boolean | null;

export interface JavaScriptFunction {
  readonly name: string;
  readonly takes: readonly JavaScriptType[];
  readonly gives: JavaScriptType;
  /** Never called with a null argument: the result is null then. */
  // biome-ignore lint/suspicious/noExplicitAny: the arguments are of the types that `takes` names
  readonly evaluate: (...args: any[]) => JavaScriptValue;
}

export function javascript(
  name: string,
  takes: string,
  gives: JavaScriptType,
  evaluate: JavaScriptFunction['evaluate'],
): JavaScriptFunction {
  return Object.freeze({ name: `js_${name}`, takes: takes.split(' ') as JavaScriptType[], gives, evaluate });
}
