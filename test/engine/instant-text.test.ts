import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instantText, safeInstantText } from '../../src/engine/instant-text.ts';

/** JavaScript's own text, to the millisecond, and the microseconds behind it. */
function expected(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const whole = new Date(Number((micros - fraction) / 1000n)).toISOString().replace('.000Z', '');
  return fraction === 0n ? `${whole}Z` : `${whole}.${String(fraction).padStart(6, '0')}0Z`;
}

const LAST = 8_640_000_000_000_000_000n;

test('an instant is what JavaScript makes of it, before 1970 and beyond the year 9999', () => {
  const instant = fc.oneof(
    fc.bigInt({ min: -LAST, max: LAST }),
    fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }),
    fc.bigInt({ min: -90_000_000_000n, max: 90_000_000_000n }),
    fc.bigInt({ min: -400_000n, max: 400_000n }).map((day) => day * 86_400_000_000n),
  );
  fc.assert(
    fc.property(fc.array(instant, { minLength: 1 }), (instants) => {
      for (const micros of instants) {
        expect(instantText(micros)).toBe(expected(micros));
        const safe = Number(micros);
        if (Number.isSafeInteger(safe)) expect(safeInstantText(safe)).toBe(expected(micros));
      }
    }),
  );
});

test('more days than are kept in mind come out right', () => {
  for (let day = 0n; day < 10_000n; day++) {
    const micros = day * 86_400_000_000n + 1n;
    expect(instantText(micros)).toBe(expected(micros));
  }
});
