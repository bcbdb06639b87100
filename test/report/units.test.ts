import { expect, test } from 'vitest';
import { sparkline } from '../../src/report/findings/sparkline.ts';
import { symbols } from '../../src/report/symbols.ts';
import { bytesSaid, countOf, countSaid, durationSaid, minutesSaid } from '../../src/report/units.ts';

test.each([
  [0, '0 B'],
  [1, '1 B'],
  [1023, '1023 B'],
  [1024, '1 KB'],
  [1536, '1.5 KB'],
  [348_160, '340 KB'],
  [1_048_576, '1 MB'],
  [1_258_291, '1.2 MB'],
  [1_048_575, '1 MB'],
  [91_234_567_890, '85 GB'],
  [2 ** 60 * 5, '5 EB'],
])('%i bytes are %s', (bytes, said) => {
  expect(bytesSaid(bytes)).toBe(said);
});

test.each([
  [0.5, '0.5 s'],
  [8.52, '8.5 s'],
  [9.97, '10 s'],
  [61.02, '61 s'],
  [119, '119 s'],
  [120, '2 min'],
  [150, '2.5 min'],
  [3600, '60 min'],
  [14_760, '4.1 h'],
  [172_800, '2 d'],
  [2_183_820, '25 d'],
])('%f seconds are %s', (seconds, said) => {
  expect(durationSaid(seconds)).toBe(said);
});

test.each([
  [0, 'under a minute'],
  [1, '1 min'],
  [119, '119 min'],
  [246, '4.1 h'],
])('%i minutes are %s', (minutes, said) => {
  expect(minutesSaid(minutes)).toBe(said);
});

test('counts have their thousands apart, also beyond a double', () => {
  expect(countSaid(999)).toBe('999');
  expect(countSaid(12042)).toBe('12,042');
  expect(countSaid('9223372036854775807')).toBe('9,223,372,036,854,775,807');
  expect(countOf(1, 'finding')).toBe('1 finding');
  expect(countOf('0', 'finding')).toBe('0 findings');
});

test('a sparkline reaches its top at the highest count and tells none from few', () => {
  expect(sparkline([0, 1, 20, 21, 40, 60, 80, 100], symbols(true))).toBe('·▁▁▂▂▃▅▇');
  expect(sparkline([0, 1, 100], symbols(false))).toBe('_.#');
  expect(sparkline([0, 0], symbols(true))).toBe('··');
  expect(sparkline([], symbols(true))).toBe('');
});
