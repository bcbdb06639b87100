import type { Measured, Unmeasured } from './measure.ts';
import type { Comparison, Ratio } from './question.ts';

/** What one comparison came to, in lines for a person. */
export function reportLines({ on, results, ratios, figures = {}, lines = [] }: Comparison): string[] {
  return [
    `  ${on}`,
    ...results.map((result) => `    ${result.label.padEnd(20)} ${resultText(result)}`),
    ...ratios.map((each) => `    ${each.of} / ${each.to}: ${ratioText(each)}`),
    ...Object.entries(figures).map(([name, value]) => `    ${name}: ${figureText(value)}`),
    ...lines.map((line) => `    ${line}`),
  ];
}

function resultText(result: Measured | Unmeasured): string {
  if (result.status !== 'measured') return `${result.status}: ${result.why}`;
  const parts = Object.entries(result.parts).map(([part, time]) => `${part} ${seconds(time)}`);
  const [least, most] = [Math.min(...result.walls), Math.max(...result.walls)];
  return [
    `${seconds(result.wall)} (${seconds(least)} to ${seconds(most)})`,
    `processor ${seconds(result.cpu)}`,
    `memory ${(result.memory / 1e6).toFixed(0)} MB`,
    ...parts,
  ].join(', ');
}

function ratioText({ wall, cpu, memory, atLeast, wanted }: Ratio): string {
  const target = wanted === undefined ? '' : ` (wanted: at most ${wanted}×)`;
  if (atLeast) return `over ${wall.toFixed(1)}× in time${target}`;
  return `${wall.toFixed(2)}× in time, ${cpu.toFixed(2)}× in processor time, ${memory.toFixed(2)}× in memory${target}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 3 : 1)} s`;
}

function figureText(value: number): string {
  return Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toFixed(3)));
}
