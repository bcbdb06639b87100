/** The beta distribution: density, distribution, quantile. */
import { javascript } from '../../javascript-function.ts';

/** Lanczos, g = 7; infinite where the gamma function has a pole. */
function logGamma(x: number): number {
  if (x <= 0 && Number.isInteger(x)) return Number.POSITIVE_INFINITY;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
  const [first, ...rest] = LANCZOS;
  const sum = rest.reduce((total, weight, index) => total + weight / (x + index), first!);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** Lentz's continued fraction of the incomplete beta function. https://dlmf.nist.gov/8.17#v */
function fraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let found = d;
  for (let m = 1; m <= 1000; m += 1) {
    for (const step of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / (1 + step * d);
      c = 1 + step / c;
      found *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return found;
}

function distribution(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b));
  return x < (a + 1) / (a + b + 2)
    ? (front * fraction(x, a, b)) / a
    : 1 - (front * fraction(1 - x, b, a)) / b;
}

const inside = (x: number): boolean => x >= 0 && x <= 1;

/** A negative whole parameter gives, in the real engine, what the infinite gamma function leaves of the formula. */
function cdf(x: number, a: number, b: number): number {
  if (!inside(x)) return Number.NaN;
  if (a > 0 && b > 0) return distribution(x, a, b);
  return a < 0 && Number.isInteger(a) && b > 0 && x > 0 && x < 1 && x >= (a + 1) / (a + b + 2)
    ? 1
    : Number.NaN;
}

function density(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1 || a <= 0 || b <= 0) return Number.NaN;
  return Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - logBeta(a, b));
}

function quantile(p: number, a: number, b: number): number | null {
  if (a <= 0 || b <= 0) return Number.NaN;
  if (!inside(p)) return null;
  if (p === 0 || p === 1) return p;
  let [low, high] = [0, 1];
  for (let step = 0; step < 1100 && high - low > 1e-16 * high; step += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (distribution(middle, a, b) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

export const betaFunctions = [
  javascript('beta_cdf', 'DOUBLE DOUBLE DOUBLE', 'DOUBLE', cdf),
  javascript('beta_inv', 'DOUBLE DOUBLE DOUBLE', 'DOUBLE', quantile),
  javascript('beta_pdf', 'DOUBLE DOUBLE DOUBLE', 'DOUBLE', density),
];
