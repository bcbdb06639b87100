/** What the lowering of one query knows: its text, its names, the row it stands in, and what it has to say. */
import type { Plan } from '../../../plan/nodes.ts';
import { type ColumnReference, column, type Scalar } from '../../../plan/scalar.ts';
import type { KqlType } from '../../../schema/kql-types.ts';
import { type DiagnosticCode, type Position, Refusal } from '../../diagnostics.ts';
import type { DiscoveredRows } from '../../discovery.ts';
import type { Environment } from '../../environment.ts';
import { kindOf, type SyntaxNode, type Tables } from '../../parser.ts';

/** A column as the query names it, and the plan's column that holds it (names there ignore case). */
export interface RelationColumn {
  readonly name: string;
  readonly ref: string;
  readonly type: KqlType;
  readonly nullable: boolean;
  readonly bits?: number;
}

/** A tabular value: a plan and what the query may call its columns. */
export interface Relation {
  readonly plan: Plan;
  readonly columns: readonly RelationColumn[];
  /** Whether the rows stand in an order that the query made (`sort`, `top`, `serialize`, `range`). */
  readonly ordered: boolean;
  /** What `union withsource` and `search` call the rows: the name that `as` gave. */
  readonly source?: string;
  /** The hidden column that numbers the rows, once a function needed it. */
  readonly rowNumber?: string;
  /** Set inside `mv-apply` and `partition`: operators work within the groups of this hidden column. */
  readonly group?: string;
  /** Inside `mv-apply` and `partition`: a row for every group, also where the operators left none of its rows. */
  readonly groupRows?: Relation;
}

export type Binding =
  | { readonly kind: 'scalar'; readonly value: Scalar }
  | { readonly kind: 'table'; readonly relation: Relation }
  /** A table that is not there, refused where it is read: a fuzzy union forgives it. */
  | { readonly kind: 'missing'; readonly refusal: Refusal }
  | {
      readonly kind: 'function';
      readonly declaration: SyntaxNode;
      readonly scope: Scope;
      readonly name: string;
    }
  | {
      readonly kind: 'pattern';
      readonly declaration: SyntaxNode;
      readonly scope: Scope;
      readonly name: string;
    };

/** The names that `let`, function parameters and `as` give, innermost first. */
export class Scope {
  readonly #names = new Map<string, Binding>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  find(name: string): Binding | undefined {
    return this.#names.get(name) ?? this.#outer?.find(name);
  }

  define(name: string, binding: Binding): void {
    this.#names.set(name, binding);
  }

  /** Every binding that a name finds here, inner ones first. */
  *bindings(): Iterable<[name: string, binding: Binding]> {
    yield* this.#names;
    for (const [name, binding] of this.#outer?.bindings() ?? [])
      if (!this.#names.has(name)) yield [name, binding];
  }

  *names(): Iterable<string> {
    yield* this.#names.keys();
    if (this.#outer) yield* this.#outer.names();
  }
}

export interface Session {
  readonly text: string;
  readonly tables: Tables;
  /** Microseconds since 1970. */
  readonly now: bigint;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly report: (refusal: Refusal, note?: boolean) => void;
  /** What first runs found, by the step's key. */
  readonly discovered: Readonly<Record<string, DiscoveredRows>>;
  /** Tables that functions of the environment read. */
  readonly environment: Environment;
  /** The calls of the query's functions that are being expanded, the query's own first: one that calls itself is stopped. */
  readonly calls: { readonly name: string; readonly node: SyntaxNode }[];
  /** How much has been lowered so far. */
  readonly lowered: { steps: number };
  /** The options that mean something here, by their names, as `set` statements gave them. */
  readonly set: Map<string, Scalar>;
  /** Where in the user's text the query stands that is being lowered, if it is a plugin's own. */
  readonly at?: Position;
}

export interface Context {
  readonly session: Session;
  readonly scope: Scope;
  /** The row that expressions see. */
  readonly row?: Relation;
  /** In a join's condition. */
  readonly left?: Relation;
  readonly right?: Relation;
  /** In `scan`: the values of the rows that the steps matched last, by the step's name. */
  readonly steps?: ReadonlyMap<string, Relation>;
  /** What makes a row count in an aggregate, inside `mv-apply` and `partition`. */
  readonly groupFilter?: Scalar;
  /** Aggregates are allowed: inside `summarize` and its like. */
  readonly aggregates?: boolean;
  /** Functions over the rows in their order are allowed: inside `extend`, `project`, `serialize` and `where`. */
  readonly windows?: boolean;
  /** The columns that hold what calls of `row_window_session` give. */
  readonly sessions?: ReadonlyMap<SyntaxNode, Scalar>;
  /** The label of the next named step: a let's name. */
  readonly label?: string;
}

export function positionOf(node: SyntaxNode): Position {
  return { start: node.TextStart, length: Math.max(1, node.Width) };
}

export function textOf(context: Context, node: SyntaxNode): string {
  return context.session.text.slice(node.TextStart, node.TextStart + node.Width);
}

export function refuse(code: DiagnosticCode, message: string, node: SyntaxNode, hint?: string): never {
  throw new Refusal(code, message, positionOf(node), hint);
}

export function note(context: Context, node: SyntaxNode, message: string): void {
  context.session.report(new Refusal('MG009', message, positionOf(node)), true);
}

export function reference(from: RelationColumn, side?: 'left' | 'right'): ColumnReference {
  return column(from.ref, from.type, {
    nullable: from.nullable,
    ...(side && { side }),
    ...(from.bits !== undefined && { bits: from.bits }),
  });
}

export function findColumn(relation: Relation | undefined, name: string): RelationColumn | undefined {
  return relation?.columns.find((candidate) => candidate.name === name);
}

/** The name of a NameReference, a NameDeclaration or a token. */
export function nameOf(node: SyntaxNode): string {
  return node.SimpleName ?? node.Name?.SimpleName ?? node.ValueText ?? node.Text;
}

/** `name=value` parameters of an operator (`kind=inner`), by name. */
export function parametersOf(operator: SyntaxNode): Map<string, SyntaxNode> {
  const found = new Map<string, SyntaxNode>();
  const list = operator.Parameters as SyntaxNode | null;
  for (let index = 0; list && index < list.ChildCount; index += 1) {
    const parameter = list.GetChild(index);
    if (parameter && kindOf(parameter) === 'NamedParameter') {
      found.set(nameOf(parameter.Name).toLowerCase(), parameter.Expression);
    }
  }
  return found;
}

/** Parameters that only advise the real engine's planner. */
export function isHint(name: string): boolean {
  return name.startsWith('hint.') || name === 'isfuzzy' || name === 'bagexpansion_hint';
}
