/**
 * Microsoft's KQL parser and binder behind one door: loaded when first used (about 0.6 s), told our tables.
 * Everything that depends on how the package is built stays in this file.
 */
import { createRequire } from 'node:module';
import type { Column, KqlType } from '../schema/kql-types.ts';
import { Refusal } from './diagnostics.ts';

/** A node or token of Microsoft's syntax tree; its properties are those of `Kusto.Language.Bridge.d.ts`. */
export interface SyntaxNode {
  readonly Kind: number;
  readonly TextStart: number;
  readonly Width: number;
  readonly ChildCount: number;
  GetChild(index: number): SyntaxNode | null;
  // biome-ignore lint/suspicious/noExplicitAny: the package's declarations are globals of 34,000 lines
  readonly [property: string]: any;
}

export interface BinderDiagnostic {
  readonly Code: `KS${string}`;
  readonly Message: string;
  readonly Start: number;
  readonly Length: number;
  readonly Severity: string;
}

// biome-ignore lint/suspicious/noExplicitAny: as above
type Untyped = any;

interface Language {
  readonly K: Untyped;
  readonly kinds: ReadonlyMap<number, string>;
  toArray(list: Untyped): Untyped[];
  list(items: Untyped[], type: Untyped): Untyped;
}

let loaded: Language | undefined;

// `require`, not `import`: the module lexer would scan five megabytes.
const require = createRequire(import.meta.url);
const loadRuntime = (): void => require('@kusto/language-service-next/bridge.min.js');

function language(): Language {
  if (loaded) return loaded;
  loadRuntime();
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  const globals = globalThis as Untyped;
  const K = globals.Kusto.Language;
  // The grammar is for completion only; building it would cost the first parse more than a second.
  K.Parsing.QueryGrammar.From = () => ({ QueryBlock: null });
  const kinds = new Map<number, string>();
  for (const [name, value] of Object.entries(K.Syntax.SyntaxKind)) {
    if (typeof value === 'number') kinds.set(value, name);
  }
  loaded = {
    K,
    kinds,
    toArray: (list) => globals.Bridge.toArray(list),
    list: (items, type) => globals.System.Array.init(items, type),
  };
  rememberSignatures(loaded);
  forgetRepeatedOrigins(loaded);
  return loaded;
}

/**
 * Every column of a union remembers the columns that it comes from, those of a table that stands there twice twice over: a
 * union of a union of … of one table with itself would be exponential.
 */
function forgetRepeatedOrigins({ K, toArray, list }: Language): void {
  const { ColumnSymbol } = K.Symbols;
  const origins = ColumnSymbol.GetTrulyOriginalColumns;
  ColumnSymbol.GetTrulyOriginalColumns = (columns: Untyped): Untyped =>
    list([...new Set(toArray(origins(columns)))], ColumnSymbol);
}

/**
 * Which of an operator's signatures fit depends on nothing but the types of what stands beside it, a star's or a name's
 * aside, and the binder tries them all at every `==` and `and`: a fifth of its time.
 */
function rememberSignatures({ K, toArray }: Language): void {
  const binder = K.Binding.Binder.prototype;
  const search = binder.GetBestMatchingSignatures;
  const scalars: ReadonlySet<Untyped> = new Set(toArray(K.Symbols.ScalarTypes.All));
  const { StarExpression, SimpleNamedExpression } = K.Syntax.SyntaxKind;
  const isPlain = ({ Kind }: SyntaxNode): boolean =>
    Kind !== StarExpression && Kind !== SimpleNamedExpression;
  const known = new Map<Untyped, Map<string, Untyped[]>>(
    toArray(K.GlobalState.Default.Operators).map(({ Signatures }) => [Signatures, new Map()]),
  );
  binder.GetBestMatchingSignatures = function (...given: Untyped[]): void {
    const [signatures, operands, types, found, all] = given;
    const fitting = known.get(signatures);
    const asked = fitting && toArray(types);
    if (!fitting || !asked?.every((type) => scalars.has(type)) || !toArray(operands).every(isPlain)) {
      search.apply(this, given);
      return;
    }
    const key = `${all} ${asked.map(({ Name }) => Name).join()}`;
    const before = fitting.get(key);
    if (before) {
      for (const signature of before) found.add(signature);
      return;
    }
    search.apply(this, given);
    fitting.set(key, toArray(found));
  };
}

const SCALAR_NAMES: Readonly<Record<KqlType, string>> = {
  bool: 'Bool',
  datetime: 'DateTime',
  decimal: 'Decimal',
  dynamic: 'Dynamic',
  guid: 'Guid',
  int: 'Int',
  long: 'Long',
  real: 'Real',
  string: 'String',
  timespan: 'TimeSpan',
};

export type Tables = Readonly<Record<string, readonly Column[]>>;

const globalsOf = new WeakMap<Tables, Untyped>();

function globalState(tables: Tables): Untyped {
  const known = globalsOf.get(tables);
  if (known) return known;
  const { K, list } = language();
  const S = K.Symbols;
  const symbols = Object.entries(tables).map(
    ([name, columns]) =>
      new S.TableSymbol.$ctor4(
        name,
        columns.map((column) => new S.ColumnSymbol(column.name, S.ScalarTypes[SCALAR_NAMES[column.type]])),
      ),
  );
  const database = new S.DatabaseSymbol.ctor('db', list(symbols, S.Symbol));
  const state = K.GlobalState.Default.WithDatabase(database);
  globalsOf.set(tables, state);
  return state;
}

/**
 * Loads the parser in steps, for who knows early that a query will come: what waits meanwhile, such as a lake that opens,
 * goes on between them. Does not keep the process.
 */
export async function loadParser(): Promise<void> {
  for (const step of [loadRuntime, language, () => parseQuery('print 1', {})]) {
    await new Promise<void>((resume) => setImmediate(resume).unref());
    step();
  }
}

export interface Parsed {
  readonly root: SyntaxNode;
  readonly diagnostics: readonly BinderDiagnostic[];
}

export function parseQuery(text: string, tables: Tables): Parsed {
  const { K, toArray } = language();
  let code: Untyped;
  try {
    code = K.KustoCode.ParseAndAnalyze(text, globalState(tables));
  } catch {
    // Beyond a depth of some hundreds the parser turns to the grammar that is left out, or runs out of stack.
    throw new Refusal('MG008', 'the query is nested too deeply', { start: 0, length: 1 });
  }
  return { root: code.Syntax, diagnostics: toArray(code.GetDiagnostics()) };
}

/** The text that a string literal stands for, quotes and all. */
export function stringValue(literal: string): string {
  return language().K.KustoFacts.GetStringLiteralValue(literal);
}

export function kindOf(node: SyntaxNode): string {
  return language().kinds.get(node.Kind) ?? `Unknown${node.Kind}`;
}

/** The children of a list node, without the separators. */
export function elements(list: SyntaxNode | null | undefined): SyntaxNode[] {
  if (!list) return [];
  const found: SyntaxNode[] = [];
  for (let index = 0; index < list.ChildCount; index += 1) {
    const child = list.GetChild(index);
    if (!child) continue;
    const element = kindOf(child) === 'SeparatedElement' ? child.GetChild(0) : child;
    if (element) found.push(element);
  }
  return found;
}

export interface ResultName {
  readonly kind: 'none' | 'function' | 'prefix' | 'prefixOnly' | 'argument' | 'onlyArgument' | 'columnValue';
  readonly prefix: string;
}

const RESULT_NAME_KINDS: readonly ResultName['kind'][] = [
  'none',
  'function',
  'function',
  'prefix',
  'prefix',
  'columnValue',
  'prefixOnly',
  'argument',
  'onlyArgument',
];

let resultNames: Map<string, ResultName> | undefined;

/** How Kusto names the column that a call of this function makes when the query gives it no name. */
export function resultName(functionName: string): ResultName {
  if (!resultNames) {
    const { K, toArray } = language();
    resultNames = new Map();
    for (const symbol of [...toArray(K.Functions.All), ...toArray(K.Aggregates.All)]) {
      const kind = RESULT_NAME_KINDS[symbol.ResultNameKind] ?? 'none';
      resultNames.set(symbol.Name, { kind, prefix: symbol.ResultNamePrefix ?? '' });
    }
  }
  return resultNames.get(functionName) ?? { kind: 'none', prefix: '' };
}

/** Every scalar function and aggregate of Kusto that the parser knows. */
export function kustoFunctions(): { functions: string[]; aggregates: string[] } {
  const { K, toArray } = language();
  const names = (list: Untyped): string[] =>
    [...new Set<string>(toArray(list).map((symbol) => symbol.Name))].sort();
  return { functions: names(K.Functions.All), aggregates: names(K.Aggregates.All) };
}

/** Whether Kusto has a function, aggregate or plugin of this name. */
export function isKustoFunction(name: string): boolean {
  resultName(name);
  return resultNames?.has(name) ?? false;
}

/** The columns that the binder gives a tabular expression; undefined where they depend on the data. */
export function boundColumns(node: SyntaxNode): { name: string; type: string }[] | undefined {
  const type = node.ResultType;
  if (!type?.Columns || type.IsOpen) return undefined;
  return language()
    .toArray(type.Columns)
    .map((column) => ({ name: column.Name, type: column.Type.Name }));
}
