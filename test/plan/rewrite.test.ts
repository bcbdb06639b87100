import { describe, expect, test } from 'vitest';
import { printDuckdb } from '../../src/dialect/duckdb/printer.ts';
import type { Plan } from '../../src/plan/nodes.ts';
import { filter, first, join, project, scan } from '../../src/plan/nodes.ts';
import { bounded } from '../../src/plan/rewrite/bounds.ts';
import { filteredFirst } from '../../src/plan/rewrite/first-filter.ts';
import { pruned } from '../../src/plan/rewrite/prune.ts';
import { windowed } from '../../src/plan/rewrite/time-window.ts';
import { call, column, literal } from '../../src/plan/scalar.ts';
import { plansOf } from '../../src/plan/walk.ts';

const at = (name: string, side?: 'left' | 'right') => column(name, 'datetime', side ? { side } : {});
const table = (name: string, ...columns: string[]): Plan =>
  scan(
    name,
    ['Timestamp', ...columns].map((each) => ({
      name: each,
      type: each === 'Timestamp' ? 'datetime' : 'string',
      nullable: true,
    })),
    { label: name },
  );
const text = (plan: Plan): string => {
  const names = plan.columns.map(({ name }) => name);
  return printDuckdb(plan, names, names).sql;
};
const keep = (plan: Plan, ...names: string[]): Plan =>
  project(
    plan,
    names.map((name) => ({ name, value: column(name, name === 'Timestamp' ? 'datetime' : 'string') })),
    { label: 'keep' },
  );

describe('pruning', () => {
  test('a scan gives only what is read above it', () => {
    const plan = keep(
      filter(
        table('T', 'a', 'b', 'c'),
        call('equal', 'bool', [column('a', 'string'), literal('string', 'x')]),
        { label: 'f' },
      ),
      'b',
    );
    const [pruning] = plansOf(pruned(plan, ['b']));
    expect(pruning!.columns.map(({ name }) => name)).toEqual(['a', 'b']);
  });
});

describe('time bounds', () => {
  test('both ends, through a rename', () => {
    const renamed = project(table('T'), [{ name: 'when', value: at('Timestamp') }], { label: 'p' });
    const low = filter(renamed, call('greater', 'bool', [at('when'), literal('datetime', 10n)]), {
      label: 'f',
    });
    const plan = filter(low, call('less_equal', 'bool', [at('when'), literal('datetime', 20n)]), {
      label: 'f',
    });
    expect(plansOf(bounded(plan)).find(({ kind }) => kind === 'scan')).toMatchObject({
      bounds: { column: 'Timestamp', from: 10n, to: 20n },
    });
  });

  test('of two ways to a scan, what holds on both', () => {
    const source = table('T');
    const branch = (from: bigint) =>
      filter(source, call('greater', 'bool', [at('Timestamp'), literal('datetime', from)]), { label: 'f' });
    const on = call('same', 'bool', [at('Timestamp', 'left'), at('Timestamp', 'right')]);
    const plan = join('inner', branch(10n), branch(5n), on, [{ name: 't', value: at('Timestamp', 'left') }], {
      label: 'j',
    });
    expect(plansOf(bounded(plan)).find(({ kind }) => kind === 'scan')).toMatchObject({
      bounds: { from: 5n },
    });
  });
});

describe('the time-window join', () => {
  const on = call('same', 'bool', [
    column('k', 'string', { side: 'left' }),
    column('k', 'string', { side: 'right' }),
  ]);
  const joined = join(
    'inner',
    table('L', 'k'),
    table('R', 'k'),
    on,
    [
      { name: 't1', value: at('Timestamp', 'left') },
      { name: 't2', value: at('Timestamp', 'right') },
    ],
    { label: 'j' },
  );
  const width = literal('timespan', 9_000_000_000n);
  const end = call('datetime_plus', 'datetime', [at('t1'), width]);

  test.each([
    ['between', call('between', 'bool', [at('t2'), at('t1'), end])],
    [
      'two comparisons',
      call('and', 'bool', [
        call('greater_equal', 'bool', [at('t2'), at('t1')]),
        call('less_equal', 'bool', [at('t2'), end]),
      ]),
    ],
    [
      'a difference',
      call('between', 'bool', [
        call('datetime_difference', 'timespan', [at('t2'), at('t1')]),
        literal('timespan', 0n),
        width,
      ]),
    ],
  ])('%s joins in buckets', (_, predicate) => {
    const sql = text(windowed(filter(joined, predicate, { label: 'f' })));
    expect(sql).toContain(
      'unnest([epoch_us("Timestamp") // 900000000, epoch_us("Timestamp") // 900000000 + 1])'.replaceAll(
        '"',
        '',
      ),
    );
    expect(sql).toContain('l.bucket = r.bucket');
  });

  test('a window open at one end stays as it is', () => {
    const predicate = call('greater_equal', 'bool', [at('t2'), at('t1')]);
    const plan = filter(joined, predicate, { label: 'f' });
    expect(windowed(plan)).toEqual(plan);
  });
});

describe('filtering before one row per key is chosen', () => {
  test('a condition on the left columns goes below the choice', () => {
    const chosen = first(table('L', 'k'), [column('k', 'string')], [], { label: 'one' });
    const on = call('same', 'bool', [
      column('k', 'string', { side: 'left' }),
      column('k', 'string', { side: 'right' }),
    ]);
    const joined = join(
      'inner',
      chosen,
      table('R', 'k'),
      on,
      [{ name: 'k', value: column('k', 'string', { side: 'left' }) }],
      { label: 'j' },
    );
    const plan = filteredFirst(
      filter(joined, call('equal', 'bool', [column('k', 'string'), literal('string', 'x')]), { label: 'f' }),
    );
    const below = plansOf(plan).find(({ kind }) => kind === 'first');
    expect(below).toMatchObject({ input: { kind: 'filter' } });
  });
});
