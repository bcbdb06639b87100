import { counted } from '../../counted.ts';
import { visible, visibleYaml } from '../../visible.ts';
import { yaml } from '../../yaml.ts';
import { parseCidr } from '../suppress/cidr.ts';
import type { Proposal } from './tune-statement.ts';
import { DIGITS, USER } from './tune-statement.ts';

const DAY = 86_400_000;

/** The proposals as a file of rules: each to be read, owned and dated by a person. They expire 90 days after an instant. */
export function proposalsText(proposals: readonly Proposal[], from: Date): string {
  const head = [
    '# Proposed from a baseline: what fires on many devices for long. Look at each before you keep it: command and control',
    '# that is everywhere already looks the same. Put your name where it says owner.',
  ];
  if (proposals.length === 0) return `${[...head, 'rules: []'].join('\n')}\n`;
  const expires = new Date(from.getTime() + 90 * DAY).toISOString().slice(0, 10);
  const rules = proposals.map((proposal, index) => ({
    name: `${proposal.process.replace(/\.exe$/i, '').toLowerCase()}-${index + 1}`,
    reason: reasonOf(proposal),
    owner: 'nobody yet',
    expires,
    match: matchOf(proposal),
  }));
  return `${head.join('\n')}\n${rulesText(rules)}`;
}

/** In double quotes what holds unseen characters: of these YAML escapes but a few by itself, and those only there. */
function rulesText(rules: readonly object[]): string {
  const { Document, visit } = yaml();
  const document = new Document({ rules });
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'string' && visible(scalar.value) !== scalar.value)
        scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return visibleYaml(
    document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY }),
  );
}

function reasonOf({ findings, devices, days, beacons }: Proposal): string {
  return `${counted(findings, 'finding')} on ${counted(devices, 'device')} over ${counted(days, 'day')}, ${beacons} of them beacon-like`;
}

function matchOf({ process, path, hashes, signer, command, destinations, ports }: Proposal): object {
  // What is no address cannot stand in a rule.
  const addresses = destinations.every((each) => parseCidr(each) !== undefined) ? destinations : [];
  return {
    process,
    ...(path === '' ? {} : { path }),
    ...(hashes.length === 0 ? {} : { hash: hashes }),
    ...(signer === '' ? {} : { signer }),
    ...(command === '' ? {} : { command: commandPattern(command) }),
    ...(addresses.length === 0 ? {} : { destination: addresses }),
    ...(ports.length === 0 ? {} : { port: ports }),
  };
}

/** A command line as the pattern of exactly it, but for its digits and a user's name. */
export function commandPattern(command: string): string {
  const literal = command.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return `^${literal.replaceAll(DIGITS, '[0-9]+').replaceAll(USER, '[^\\\\"]+')}$`;
}
