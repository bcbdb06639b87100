import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSuppressions } from '../../src/hunt/suppress/suppressions.ts';
import type { Proposal } from '../../src/hunt/tune/tune-statement.ts';
import { commandPattern, proposalsText } from '../../src/hunt/tune/tune-text.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';

/** Controls, what turns the direction of text, what has no width, half a pair: all that a terminal obeys or hides. */
const UNSEEN = /[^\P{C}\n\p{Cn}\p{Co}]|\u2028|\u2029|\u3164|\ufe0f/u;

const hostile = fc.constantFrom(
  ...['\x1b]0;pwn\x07', '\x9b31m', '\u202e', '\u200b', '\ufeff', '\u{e0041}', '\ud800', '\u2028', '\u3164'],
  ...[
    '\n',
    '\r\n',
    '\t',
    '\0',
    '\x7f',
    '\x85',
    '\xa0',
    ' ',
    '"',
    "'",
    '\\',
    '\\x41',
    '#',
    ': ',
    '- ',
    '|',
    '%',
    '0',
    'é',
    '😀',
  ],
);
/** Long texts, which YAML would lay out in several lines. */
const text = fc
  .array(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 12 })
  .map((parts) => parts.join(''));
const named = text.filter((each) => each.trim() !== '');

const proposal: fc.Arbitrary<Proposal> = fc.record({
  process: named,
  path: named,
  hashes: fc.constant([]),
  signer: named,
  command: named,
  destinations: fc.constant([]),
  ports: fc.tuple(fc.integer({ min: 1, max: 65_535 })),
  findings: fc.nat(),
  devices: fc.nat(),
  days: fc.nat(),
  beacons: fc.nat(),
});

test('whatever telemetry holds, a rule reads back as proposed, and its text holds nothing that a terminal obeys', () => {
  const file = join(temporaryFolder(), 'mine.yaml');
  fc.assert(
    fc.property(fc.array(proposal, { minLength: 1, maxLength: 3 }), (proposals) => {
      const written = proposalsText(proposals, new Date('2026-02-01'));
      expect(written).not.toMatch(UNSEEN);
      writeFileSync(file, written);
      expect(readSuppressions(file).map(({ match }) => match)).toEqual(
        proposals.map(({ process, path, signer, command, ports }) => ({
          process: [process],
          path: [path],
          signer: [signer],
          command: [commandPattern(command)],
          port: ports.map(String),
        })),
      );
    }),
    { numRuns: 300 },
  );
});

test('what YAML leaves as it is has the escapes of YAML', () => {
  const plain = {
    path: '',
    hashes: [],
    signer: '',
    command: '',
    destinations: [],
    ports: [],
    findings: 1,
    devices: 1,
    days: 1,
    beacons: 0,
  };
  const written = proposalsText(
    [{ ...plain, process: 'a\x9bb\u202ec\u{e0041}d.exe' }],
    new Date('2026-02-01'),
  );
  expect(written).toContain('process: "a\\x9bb\\u202ec\\U000e0041d.exe"\n');
});
