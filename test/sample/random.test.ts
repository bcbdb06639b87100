import { describe, expect, it } from 'vitest';
import { Random } from '../../src/sample/random.ts';

describe('Random', () => {
  it('repeats itself for the same seed, and differs for another or for parts cut elsewhere', () => {
    const first = (...seed: (string | number)[]) => {
      const random = new Random(...seed);
      return Array.from({ length: 4 }, () => random.fraction());
    };
    expect(first('a', 1)).toEqual(first('a', 1));
    expect(first('a', 1)).not.toEqual(first('a', 2));
    expect(first('a', 12)).not.toEqual(first('a1', 2));
  });

  it('keeps to its bounds, reaches both, and is even', () => {
    const random = new Random('even');
    const counts = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 60_000; i++) counts[random.between(0, 5)]!++;
    expect(counts.reduce((sum, count) => sum + count)).toBe(60_000);
    // 10,000 each; five standard deviations are 5 × √(60,000 × 1/6 × 5/6) ≈ 456.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(456);
  });

  it('spreads over a range wider than 32 bits', () => {
    const random = new Random('wide');
    const drawn = Array.from({ length: 2_000 }, () => random.below(2 ** 50));
    expect(Math.min(...drawn)).toBeLessThan(2 ** 50 / 100);
    expect(Math.max(...drawn)).toBeGreaterThan((2 ** 50 / 100) * 99);
    expect(new Set(drawn.map((value) => value % 2)).size).toBe(2);
  });

  it('chooses by weight, and never what weighs nothing', () => {
    const random = new Random('weights');
    const items = [
      { name: 'often', weight: 3 },
      { name: 'never', weight: 0 },
      { name: 'seldom', weight: 1 },
    ];
    const names = Array.from({ length: 4_000 }, () => random.weighted(items).name);
    const often = names.filter((name) => name === 'often').length;
    // 3,000; five standard deviations are 5 × √(4,000 × 3/4 × 1/4) ≈ 137.
    expect(Math.abs(often - 3_000)).toBeLessThan(137);
    expect(names).not.toContain('never');
  });

  it('takes some items without repeating one, in their order', () => {
    const random = new Random('some');
    for (let i = 0; i < 100; i++) {
      const some = random.some([1, 2, 3, 4, 5, 6], 3);
      expect(some).toHaveLength(3);
      expect(some).toEqual([...new Set(some)].sort());
    }
    expect(random.some([1, 2], 5)).toEqual([1, 2]);
  });
});
