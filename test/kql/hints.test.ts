import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { translate } from './engine.ts';

interface Slip {
  readonly slip: string;
  readonly hint: string;
  readonly mended?: string;
}

const slips = parse(readFileSync(new URL('slips.yaml', import.meta.url), 'utf8')) as Slip[];

describe('a known slip is told alone, at its place, with the way out', () => {
  test.each(slips.map((each) => [each.slip, each] as const))('%s', (marked, { hint, mended }) => {
    const [before, place, after] = marked.split(/[⟦⟧]/) as [string, string, string];
    const { sql, diagnostics } = translate(before + place + after);
    expect(sql).toBe('');
    expect(diagnostics).toMatchObject([{ severity: 'error', start: before.length, hint }]);
    const { start, length } = diagnostics[0]!;
    if (place !== '') expect((before + place + after).slice(start, start + length)).toBe(place);
    if (mended !== undefined) expect(translate(mended).diagnostics).toEqual([]);
  });
});

test('what stands before a slip and is wrong on its own is told as well', () => {
  const { diagnostics } = translate('DeviceNetworkEvents | where RemotePrt == 1 | where RemoteUrl == “a”');
  expect(diagnostics.map(({ code, hint }) => [code, hint])).toEqual([
    ['KS142', "did you mean 'RemotePort' or 'RemoteUrl' or 'RemoteIP'?"],
    ['KS002', 'write plain quotes: "a"'],
  ]);
});

test('what looks like a slip in a text or a comment is none', () => {
  const texts = ['&&', 'a || b', 'SELECT a FROM b', '“a”', 'x where y', 'is null', 'between (1 and 5)'];
  for (const text of texts) {
    expect(translate(`DeviceEvents | where FileName == '${text}' // ${text}`).diagnostics).toEqual([]);
  }
});

test('hints of long queries, wrong all over, take no long time', () => {
  const pipes = `DeviceEvents${' | extend a = 1 | where nosuch == 1'.repeat(150)}`;
  const conditions = `DeviceEvents | where FileSize between (${'FileSize and '.repeat(5_000)} 1)`;
  const started = Date.now();
  for (const kql of [pipes, conditions]) expect(translate(kql).diagnostics.length).toBeGreaterThan(0);
  expect(Date.now() - started).toBeLessThan(10_000);
});
