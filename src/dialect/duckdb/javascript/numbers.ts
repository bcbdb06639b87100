/** Special functions, and units of measure. */
import { javascript } from '../../javascript-function.ts';
import { inUnit } from '../../units.ts';

/** erf by its series near 0, erfc by a continued fraction far from it. */
function erf(x: number): number {
  if (Math.abs(x) > 2.5) return Math.sign(x) * (1 - erfcFar(Math.abs(x)));
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum) && n < 200; n += 1) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

function erfcFar(x: number): number {
  let fraction = 0;
  for (let k = 120; k > 0; k -= 1) fraction = k / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

const erfc = (x: number): number => (x > 2.5 ? erfcFar(x) : 1 - erf(x));

export const numberFunctions = [
  javascript('erf', 'DOUBLE', 'DOUBLE', erf),
  javascript('erfc', 'DOUBLE', 'DOUBLE', erfc),
  javascript('convert_unit', 'DOUBLE VARCHAR VARCHAR VARCHAR', 'DOUBLE', inUnit),
];
