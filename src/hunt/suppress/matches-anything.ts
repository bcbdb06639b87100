import { areEverywhere } from './cidr.ts';

/** Whether a condition of a rule holds for nearly every finding, so that it says nothing. */
export function matchesAnything(key: string, values: readonly string[]): boolean {
  if (key === 'path') return values.some(matchesAnyPath);
  if (key === 'destination') return areEverywhere(values);
  return key === 'command' && values.some(matchesAnyCommand);
}

/** Paths and command lines that have little in common. */
const PATHS = ['c:\\windows\\system32\\a.exe', 'd:\\b.exe', 'c:\\users\\ann\\appdata\\c.exe'];
const COMMANDS = ['q', '7z a', 'powershell -nop', '"C:\\Program Files\\X\\x.exe" /s'];

/** Matches paths that have nothing in common, or all of a drive. */
function matchesAnyPath(path: string): boolean {
  if (/^([a-z]:)?[*\\]*\*[*\\]*(\.(exe|\*)?)?$/i.test(path)) return true;
  const parts = path.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('.*')}$`, 'i');
  return PATHS.every((each) => pattern.test(each));
}

/** Matches commands that have nothing in common. What is no pattern is told so by the engine, whose patterns they are. */
function matchesAnyCommand(pattern: string): boolean {
  try {
    const compiled = new RegExp(
      pattern.replace(/^\(\?[a-z]+\)/, ''),
      /^\(\?[a-z]*i/.test(pattern) ? 'i' : '',
    );
    return COMMANDS.every((command) => compiled.test(command));
  } catch {
    return false;
  }
}
