import type { Extract } from './extraction.ts';
import type { Filter, FilterParameter } from './filter.ts';

/**
 * Why a slice that holds `stored` cannot serve a run that needs `needed`, in words for the user; undefined where it
 * can: it has the columns, and every filter that is needed is at least as strict as one that it was made with.
 * Lists are compared as they are written: letter case can only make a slice be read again, never serve wrongly.
 */
export function whyNot(stored: Extract, needed: Extract): string | undefined {
  const lacks = needed.columns.filter((column) => !stored.columns.includes(column));
  if (lacks.length > 0) return `the slices lack ${lacks.join(', ')}`;
  if (needed.recorded.some((column) => !stored.recorded.includes(column)))
    return 'the detection asks for other columns';
  for (const filter of needed.filters) {
    const reasons = stored.filters.map((other) => looser(other, filter));
    if (reasons.includes(undefined)) continue;
    return reasons.find((reason) => reason !== CHANGED) ?? CHANGED;
  }
  return undefined;
}

const CHANGED = 'the job has another detection, or one that has changed';

function looser(stored: Filter, needed: Filter): string | undefined {
  if (textOf(stored) !== textOf(needed)) return CHANGED;
  for (const [name, parameter] of Object.entries(needed.parameters)) {
    const before = stored.parameters[name];
    if (before === undefined || before.strictness !== parameter.strictness) return CHANGED;
    const reason = looserParameter(name, before, parameter);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** What a condition says: its own text, and that of the macros in it. */
export function textOf({ condition, macros = [] }: Filter): string {
  return JSON.stringify([condition, macros]);
}

function looserParameter(name: string, stored: FilterParameter, needed: FilterParameter): string | undefined {
  switch (needed.strictness) {
    case 'selects':
      return said(`${name} now selects`, missingFrom(stored.value, needed.value));
    case 'excludes':
      return said(`${name} no longer excludes`, missingFrom(needed.value, stored.value));
    case 'equals':
      return JSON.stringify(stored.value) === JSON.stringify(needed.value)
        ? undefined
        : `${name} is now ${String(needed.value)}, not ${String(stored.value)}`;
    default:
      return needed.strictness satisfies never;
  }
}

/** The items of `wanted` that `list` does not have. */
function missingFrom(list: FilterParameter['value'], wanted: FilterParameter['value']): string[] {
  const has = new Set(Array.isArray(list) ? list : []);
  return (Array.isArray(wanted) ? wanted : []).filter((item) => !has.has(item));
}

function said(what: string, items: readonly string[]): string | undefined {
  if (items.length === 0) return undefined;
  const shown = items.slice(0, 5).join(', ');
  return `${what} ${shown}${items.length > 5 ? ` and ${items.length - 5} more` : ''}`;
}
