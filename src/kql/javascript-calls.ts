/** Calls of what the dialect has as functions in JavaScript, which a pasted query has not. */
import type { JavaScriptFunction } from '../dialect/javascript-function.ts';
import type { Plan } from '../plan/nodes.ts';
import type { Call } from '../plan/scalar.ts';
import { plansOf, scalarsOf, scalarsWithin } from '../plan/walk.ts';
import { type Position, Refusal } from './diagnostics.ts';
import { dialect } from './dialect.ts';
import { kindOf, type SyntaxNode } from './parser.ts';

interface Use {
  readonly name: string;
  readonly position: Position;
}

/** A refusal at the first of the calls, which names them all. */
export function javascriptRefusal(
  plan: Plan,
  javascript: readonly JavaScriptFunction[],
  root: SyntaxNode,
): Refusal {
  const uses = usesOf(plan, javascript, root).sort((a, b) => a.position.start - b.position.start);
  const names = new Set((uses.length > 0 ? uses : javascript).map(({ name }) => name.replace(/^js_/, '')));
  const need = names.size > 1 ? 'need JavaScript functions' : 'needs a JavaScript function';
  return new Refusal(
    'MG012',
    `${[...names].join(', ')} ${need}, which a pasted query has not`,
    uses[0]?.position ?? { start: 0, length: 1 },
    'run the query with merganser instead',
  );
}

function usesOf(plan: Plan, javascript: readonly JavaScriptFunction[], root: SyntaxNode): Use[] {
  const written = callsIn(root);
  const steps = plansOf(plan);
  return steps.flatMap((step, index) => {
    const calls = scalarsOf(step).flatMap((scalar) => [...scalarsWithin(scalar)]);
    return calls.flatMap((call): Use[] => {
      if (call.kind !== 'call' || !isJavascript(call, javascript)) return [];
      const known = calledAs(call, written);
      if (known) return [known];
      // A step that the query does not have stands before the one that needs it.
      const named = steps.slice(index).find(({ origin }) => origin.start !== undefined);
      const { start = 0, length = 1 } = named?.origin ?? {};
      return [{ name: call.name, position: { start, length } }];
    });
  });
}

function isJavascript(call: Call, javascript: readonly JavaScriptFunction[]): boolean {
  const sql = dialect().functions[call.name]?.sql(
    call.args.map(() => 'x'),
    call,
  );
  return sql !== undefined && javascript.some(({ name }) => sql.includes(`${name}(`));
}

/** The call in the query that it comes from, by the row's name or its page's (`hash-xxhash64-function`), or the beginning of one. */
function calledAs({ name }: Call, written: readonly Use[]): Use | undefined {
  const page = dialect().functions[name]!.docs.replace(/-(function|plugin)$/, '');
  const names = [name, page].map(bare);
  return (
    written.find((use) => names.includes(bare(use.name))) ??
    written.find((use) => names.some((each) => each.startsWith(bare(use.name))))
  );
}

const bare = (name: string): string => name.replace(/[-_]/g, '').toLowerCase();

/** The calls of functions as the text has them, in its order. */
function callsIn(root: SyntaxNode): Use[] {
  const found: Use[] = [];
  const open = [root];
  for (let node = open.pop(); node; node = open.pop()) {
    if (kindOf(node) === 'FunctionCallExpression') {
      const { SimpleName, TextStart: start, Width: length } = node.Name as SyntaxNode;
      found.push({ name: SimpleName as string, position: { start, length } });
    }
    for (let index = node.ChildCount - 1; index >= 0; index -= 1) {
      const child = node.GetChild(index);
      if (child) open.push(child);
    }
  }
  return found;
}
