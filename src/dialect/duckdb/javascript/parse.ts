/** URLs, paths, command lines, CSV: texts with a grammar. */
import { javascript } from '../../javascript-function.ts';

/**
 * A text without `scheme://` has no parts, a user without a password belongs to the host, and the authority's last `:`
 * is the port's (of `[2001:db8::7]` too): github.com/microsoft/Kusto-Query-Language/issues/112 shows what Kusto answers.
 */
const URL_PARTS =
  /^([A-Za-z][\w+.-]*):\/\/(?:([^:@/?#]*):([^@/?#]*)@)?([^/?#]*?)(?::([^:/?#]*))?(?=[/?#]|$)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

function queryParameters(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of text.split('&')) {
    const at = pair.indexOf('=');
    if (at >= 0) found[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return found;
}

function parseUrl(text: string): string {
  const [
    ,
    scheme = '',
    user = '',
    password = '',
    host = '',
    port = '',
    path = '',
    query = '',
    fragment = '',
  ] = URL_PARTS.exec(text) ?? [];
  return JSON.stringify({
    Scheme: scheme,
    Host: host,
    Port: port,
    Path: path,
    Username: user,
    Password: password,
    'Query Parameters': queryParameters(query),
    Fragment: fragment,
  });
}

function parsePath(text: string): string {
  const scheme = /^([A-Za-z][\w+.-]*):\/\//.exec(text);
  const rest = scheme ? text.slice(scheme[0].length) : text;
  const drive = /^[A-Za-z]:[\\/]/.exec(rest)?.[0] ?? '';
  const cut = Math.max(rest.lastIndexOf('/'), rest.lastIndexOf('\\'));
  const directory = cut < 0 ? '' : rest.slice(0, cut);
  const last = rest.slice(cut + 1);
  const stream = last.indexOf(':');
  const file = stream < 0 ? last : last.slice(0, stream);
  const dot = file.lastIndexOf('.');
  return JSON.stringify({
    Scheme: scheme?.[1] ?? '',
    RootPath: drive,
    DirectoryPath: directory,
    DirectoryName: directory.slice(Math.max(directory.lastIndexOf('/'), directory.lastIndexOf('\\')) + 1),
    Filename: file,
    Extension: dot < 0 ? '' : file.slice(dot + 1),
    AlternateDataStreamName: stream < 0 ? '' : last.slice(stream + 1),
  });
}

/** CommandLineToArgvW: backslashes escape only before a quote; two quotes inside quotes are one. */
function windowsArguments(text: string): string[] {
  const found: string[] = [];
  let current = '';
  let started = false;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]!;
    if (character === '\\') {
      let slashes = 1;
      while (text[index + slashes] === '\\') slashes += 1;
      const beforeQuote = text[index + slashes] === '"';
      current += '\\'.repeat(beforeQuote ? Math.floor(slashes / 2) : slashes);
      started = true;
      index += slashes - 1;
      if (beforeQuote && slashes % 2 === 1) {
        current += '"';
        index += 1;
      }
    } else if (character === '"') {
      if (quoted && text[index + 1] === '"') {
        current += '"';
        index += 1;
      } else quoted = !quoted;
      started = true;
    } else if (!quoted && /\s/.test(character)) {
      if (started) found.push(current);
      current = '';
      started = false;
    } else {
      current += character;
      started = true;
    }
  }
  if (started) found.push(current);
  return found;
}

/** The first record, as RFC 4180 has it. */
function csvRecord(text: string): string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]!;
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[index + 1] === '"') {
        field += '"';
        index += 1;
      } else quoted = false;
    } else if (character === '"' && field === '') quoted = true;
    else if (character === ',') {
      fields.push(field);
      field = '';
    } else if (character === '\n' || character === '\r') break;
    else field += character;
  }
  return [...fields, field];
}

export const parseFunctions = [
  javascript('parse_url', 'VARCHAR', 'VARCHAR', parseUrl),
  javascript('parse_urlquery', 'VARCHAR', 'VARCHAR', (text: string) =>
    JSON.stringify({ 'Query Parameters': queryParameters(text.replace(/^\?/, '')) }),
  ),
  javascript('parse_path', 'VARCHAR', 'VARCHAR', parsePath),
  javascript('parse_command_line', 'VARCHAR', 'VARCHAR', (text: string) =>
    JSON.stringify(windowsArguments(text)),
  ),
  javascript('parse_csv', 'VARCHAR', 'VARCHAR', (text: string) => JSON.stringify(csvRecord(text))),
];
