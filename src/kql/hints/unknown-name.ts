/** What a name that is none here may have meant: the columns of the row at its place, what the query defines, its tables. */
import { own } from '../../own.ts';
import { didYouMean, lineAndColumn } from '../diagnostics.ts';
import { boundColumns, elements, kindOf, type SyntaxNode, type Tables } from '../parser.ts';

/** A query as it was parsed, and the tables that it may name. */
export interface Asked {
  readonly root: SyntaxNode;
  readonly text: string;
  readonly tables: Tables;
}

const OTHER_TIME: Readonly<Record<string, string>> = {
  Timestamp: 'TimeGenerated',
  TimeGenerated: 'Timestamp',
};

/** What differs in case alone; the step that took the column away; the tables that have it; what is near. */
export function hintForName(name: string, at: number, asked: Asked): string | undefined {
  const around = [...ancestors(asked.root.GetTokenAt(at))];
  const rows = rowsAt(around, at);
  const columns = rows.flatMap((each) => boundColumns(each) ?? []).map((column) => column.name);
  const here = [...(columns.length > 0 ? columns : tablesColumns(asked)), ...definedAround(around, at)];
  const same = here.find((each) => each !== name && each.toLowerCase() === name.toLowerCase());
  if (same !== undefined) return `did you mean '${same}'?`;
  const other = own(OTHER_TIME, name);
  if (other !== undefined && here.includes(other)) return `did you mean '${other}'?`;
  const before = asked.text.slice(Math.max(0, at - REACH), at);
  const owner = /(\w+)\.$/.exec(before)?.[1];
  if (owner && Object.hasOwn(asked.tables, owner)) return 'a column is named without its table';
  const dropping = firstOf(rows, (each) => (has(each, name) ? undefined : droppedIn(name, each, asked.root)));
  if (dropping) return notKept(name, dropping, asked.text);
  return (
    columnOf(name, asked.tables) ??
    didYouMean(name, new Set([...here, ...Object.keys(asked.tables)])) ??
    (COMPARED.test(before) ? `a text stands in quotes: "${name}"` : undefined)
  );
}

/** How far back it looks for what stands before the name. */
const REACH = 100;

/** Where a value is compared with what follows. */
const COMPARED = /(?:[=!]=|[=!]~|\b(?:has|contains|startswith|endswith)(?:_cs)?)\s*$/;

/** The node and all above it, the innermost first. */
function* ancestors(node: SyntaxNode | null): Generator<SyntaxNode> {
  for (let each = node; each; each = each.Parent as SyntaxNode | null) yield each;
}

/** The rows that an expression at this place sees: those before its pipe, and in a join's condition the joined ones. */
function rowsAt(around: readonly SyntaxNode[], at: number): SyntaxNode[] {
  const pipe = around.find((node) => kindOf(node) === 'PipeExpression' && node.Operator.TextStart <= at);
  return pipe ? [pipe.Expression, ...joinedBy(pipe.Operator)] : [];
}

/** The rows that an operator takes besides those before its pipe. */
function joinedBy(operator: SyntaxNode): SyntaxNode[] {
  const operands: (SyntaxNode | undefined)[] = [operator.Expression, ...elements(operator.Expressions)];
  return operands.filter(
    (each): each is SyntaxNode => each !== undefined && boundColumns(each) !== undefined,
  );
}

function firstOf<Item, Found>(
  items: readonly Item[],
  find: (item: Item) => Found | undefined,
): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What `let` and the parameters of functions define, as far as it is known at this place. */
function definedAround(around: readonly SyntaxNode[], at: number): string[] {
  return around.flatMap((node) => {
    switch (kindOf(node)) {
      case 'QueryBlock':
      case 'FunctionBody':
        return elements(node.Statements)
          .filter((each) => kindOf(each) === 'LetStatement' && each.TextStart + each.Width <= at)
          .map((each) => nameIn(each));
      case 'FunctionDeclaration':
        return elements(node.Parameters?.Parameters).map((each) => nameIn(each.NameAndType));
      default:
        return [];
    }
  });
}

const nameIn = (node: SyntaxNode): string => String(node.Name?.SimpleName ?? '');

/** The operator before which the rows still had the column, going back through pipes, `let` and what was joined. */
function droppedIn(name: string, rows: SyntaxNode, root: SyntaxNode): SyntaxNode | undefined {
  for (let node: SyntaxNode | undefined = rows; node; node = madeFrom(node, root)) {
    if (kindOf(node) !== 'PipeExpression') continue;
    const joined = joinedBy(node.Operator);
    if ([node.Expression as SyntaxNode, ...joined].some((each) => has(each, name))) return node.Operator;
    const dropping = firstOf(joined, (each) => droppedIn(name, each, root));
    if (dropping) return dropping;
  }
  return undefined;
}

/** What the rows are made from. */
function madeFrom(rows: SyntaxNode, root: SyntaxNode): SyntaxNode | undefined {
  switch (kindOf(rows)) {
    case 'PipeExpression':
    case 'ParenthesizedExpression':
      return rows.Expression;
    case 'NameReference':
      return elements(root.Statements).find(
        (each) =>
          kindOf(each) === 'LetStatement' &&
          nameIn(each) === rows.SimpleName &&
          each.TextStart + each.Width <= rows.TextStart,
      )?.Expression;
    default:
      return undefined;
  }
}

const has = (rows: SyntaxNode, name: string): boolean =>
  boundColumns(rows)?.some((column) => column.name === name) ?? false;

/** Operators whose rows have what they name, and nothing else. */
const NAMING: ReadonlySet<string> = new Set(['project', 'project-keep', 'summarize', 'distinct']);

function notKept(name: string, operator: SyntaxNode, text: string): string {
  const start = operator.TextStart;
  const keyword = /^[\w-]+/.exec(text.slice(start))?.[0] ?? '';
  const { line, column } = lineAndColumn(text, start);
  const where = `${keyword} (${line}:${column})`;
  const renamed = elements(operator.Expressions).find(
    (each) => kindOf(each) === 'SimpleNamedExpression' && each.Expression?.SimpleName === name,
  );
  if (renamed) return `it is called ${nameIn(renamed)} since ${where}`;
  return `${name} is not kept by ${where}${NAMING.has(keyword) ? ': add it there' : ''}`;
}

/** The columns of the tables that the query names; of all where it names none. */
function tablesColumns({ tables, text }: Asked): string[] {
  const words = new Set(text.match(/\w+/g));
  const named = Object.keys(tables).filter((table) => words.has(table));
  const among = named.length > 0 ? named : Object.keys(tables);
  return among.flatMap((table) => tables[table]!.map((column) => column.name));
}

/** Where a name that is not known here is one. */
function columnOf(name: string, tables: Tables): string | undefined {
  const owners = Object.keys(tables).filter((table) => tables[table]!.some((column) => column.name === name));
  if (owners.length === 0) return undefined;
  const others = owners.length > 3 ? ` and ${owners.length - 3} more` : '';
  return `it is a column of ${owners.slice(0, 3).join(', ')}${others}`;
}
