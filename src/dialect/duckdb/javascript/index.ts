/** Every JavaScript function, and which of them a query uses. */

import type { JavaScriptFunction } from '../../javascript-function.ts';
import { betaFunctions } from './beta.ts';
import { encodeFunctions } from './encode.ts';
import { ipv6Functions } from './ipv6.ts';
import { jsonFunctions } from './json.ts';
import { numberFunctions } from './numbers.ts';
import { parseFunctions } from './parse.ts';

import { punycodeFunctions } from './punycode.ts';
import { seriesFunctions } from './series.ts';
import { xmlFunctions } from './xml.ts';

export const javascriptFunctions: readonly JavaScriptFunction[] = [
  ...parseFunctions,
  ...betaFunctions,
  ...encodeFunctions,
  ...ipv6Functions,
  ...jsonFunctions,
  ...numberFunctions,
  ...punycodeFunctions,
  ...seriesFunctions,
  ...xmlFunctions,
];

export function javascriptUsed(sql: string): JavaScriptFunction[] {
  const used = new Set(sql.match(/\bjs_\w+(?=\()/g) ?? []);
  return javascriptFunctions.filter(({ name }) => used.has(name));
}
