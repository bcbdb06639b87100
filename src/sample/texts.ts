import { GENERATOR } from './directory.ts';
import type { TableName } from './events.ts';
import type { ExpectedProcess } from './label-processes.ts';
import { LABEL_KINDS, type Label, type LabelKind } from './labels.ts';
import type { SampleScope } from './options.ts';
import { dateText, isoText } from './time.ts';
import type { Written } from './write.ts';

/** labels.json: what the lake is, and what must and must not be found in it. */
export function labelsText(
  scope: SampleScope,
  labels: readonly Label[],
  processes: readonly ExpectedProcess[],
): string {
  const { seed, devices, days, start, end } = scope;
  const head = {
    synthetic: true,
    generator: GENERATOR,
    seed,
    devices,
    days,
    start: isoText(start),
    end: isoText(end),
    detection: 't1573.001',
    note: 'what the detection answers with its default parameters and no time bounds; values as its JSON output prints them',
  };
  return `${JSON.stringify({ ...head, labels, processes }, null, 1)}\n`;
}

/** README.md: that nothing here is real, and how to make and hunt it. */
export function readmeText(
  scope: SampleScope,
  tables: Readonly<Record<TableName, Written>>,
  labels: readonly Label[],
): string {
  const count = (kind: LabelKind) => labels.filter((label) => label.kind === kind).length;
  const findings = labels.filter(({ found }) => found).length;
  return `# A synthetic telemetry lake

Everything in this folder is made up by \`merganser sample\`: devices, people, hashes, addresses and events. The
programs' names are those of real products, so that it reads like a real lake; what they do here is invented.
Public addresses are taken from ranges for documentation and benchmarks (192.0.2.0/24, 198.51.100.0/24,
203.0.113.0/24, 198.18.0.0/15, 2001:db8::/32), host names from example.com and .invalid.

Made with: \`merganser sample DIR --seed ${scope.seed} --devices ${scope.devices} --days ${scope.days} --start ${dateText(scope.start)}\`

| table | rows | files |
|---|---:|---:|
${Object.entries(tables)
  .map(([name, { rows, files }]) => `| ${name} | ${rows} | ${files} |`)
  .join('\n')}

Times are UTC, one folder a day. The columns are those that Defender documents, plus SentBytes and ReceivedBytes,
which Defender does not have and the detection asks for.

\`labels.json\` says what the detection t1573.001 must find (${findings} findings) and what it must not, and why:

| kind | labels | |
|---|---:|---|
${LABEL_KINDS.map((kind) => `| ${kind} | ${count(kind)} | ${MEANINGS[kind]} |`).join('\n')}

Its \`processes\` are what must be found with \`--identity process\`; \`falsePairs\` says how many pairs of a finding join
a connection that another process made. With \`--classify-addresses\` nothing is found here: addresses for documentation
are Reserved by IANA's registries.
`;
}

const MEANINGS: Readonly<Record<LabelKind, string>> = {
  implant: 'command and control: to be found',
  decoy: 'honest software that the detection reports all the same: found, and an analyst’s to tune away',
  boundary: 'times at the very edge of the window: found',
  artefact: 'quirks of telemetry that make findings by the letter of the detection: found',
  'near-miss': 'all of a finding but one thing: not to be found',
};
