/** How long a SQL text is once its macros are expanded: DuckDB writes an argument wherever the macro's body has it. */
import { macroNamed } from './macros.ts';

/** The length of a macro's body by itself, and how often it holds each argument. */
interface Shape {
  readonly own: number;
  readonly uses: readonly number[];
}

const shapes = new Map<string, Shape | undefined>();

export function expandedSize(sql: string): number {
  return measured(sql, () => 0);
}

/** How often the text has the name, its macros expanded. */
export function expandedUses(sql: string, name: string): number {
  return Math.floor(measured(sql, (word) => (word === name ? MARK : 0)) / MARK);
}

/** `parameter` gives the size that stands for a name; the name itself counts nothing then. */
function measured(sql: string, parameter: (name: string) => number): number {
  let size = 0;
  let end = 0;
  for (const found of sql.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\b[a-z_]\w*\b\(?/gi)) {
    if (found.index < end) continue;
    size += found.index - end;
    end = found.index + found[0].length;
    const shape = found[0].endsWith('(') ? shapeOf(found[0].slice(0, -1)) : undefined;
    if (shape) {
      const call = argumentsAt(sql, end);
      end = call.end;
      const sizes = call.args.map((arg) => measured(arg, parameter));
      size += shape.uses.reduce((sum, uses, index) => sum + uses * (sizes[index] ?? 0), shape.own);
    } else size += parameter(found[0]) || found[0].length;
  }
  return size + sql.length - end;
}

/** A size far above any body's tells the uses of an argument from the text around them. */
const MARK = 2 ** 40;

function shapeOf(name: string): Shape | undefined {
  if (!shapes.has(name)) shapes.set(name, measuredMacro(name));
  return shapes.get(name);
}

function measuredMacro(name: string): Shape | undefined {
  const found = /^CREATE OR REPLACE TEMP MACRO \w+\(([^)]*)\) AS(.*)$/s.exec(macroNamed(name) ?? '');
  if (!found) return undefined;
  const [, names = '', body = ''] = found;
  const parameters = names.split(',').map((each) => each.trim());
  return { own: measured(body, () => 0), uses: parameters.map((each) => expandedUses(body, each)) };
}

function argumentsAt(sql: string, start: number): { args: string[]; end: number } {
  const args: string[] = [];
  let [from, depth] = [start, 0];
  const marks = /'(?:[^']|'')*'|"(?:[^"]|"")*"|[([{,)\]}]/g;
  marks.lastIndex = start;
  for (let found = marks.exec(sql); found; found = marks.exec(sql)) {
    const mark = found[0];
    if ('([{'.includes(mark)) depth += 1;
    else if (mark === ',' || (depth === 0 && mark === ')')) {
      if (depth > 0) continue;
      args.push(sql.slice(from, found.index));
      from = marks.lastIndex;
      if (mark === ')') break;
    } else if (')]}'.includes(mark)) depth -= 1;
  }
  return { args, end: from };
}
