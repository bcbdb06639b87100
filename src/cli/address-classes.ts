import type { TelemetryLake } from '../api/open-lake.ts';
import type { SqlControl } from '../api/sql-control.ts';
import type { LakeFlags } from './options.ts';
import { note, withProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';

/** With --classify-addresses: says on stderr how many records disagree with their address, and how. */
export async function tellAddressClasses(
  lake: TelemetryLake,
  flags: LakeFlags,
  bounds: Pick<SqlControl, 'since' | 'until'>,
  terminal: Terminal,
): Promise<void> {
  if (!flags.classifyAddresses || !lake.tables.includes('DeviceNetworkEvents')) return;
  const { rows, disagreements } = await withProgress(terminal, 'classifying addresses', (run) =>
    lake.compareAddressClasses({ ...run, ...bounds }),
  );
  const count = disagreements.reduce((sum, each) => sum + each.rows, 0);
  const said = disagreements.map(
    ({ recorded, derived, rows: times }) =>
      `${recorded || 'not recorded'} is ${derived || 'no address'}: ${times}`,
  );
  const how = said.length === 0 ? '' : ` (${said.join('; ')})`;
  note(terminal, `RemoteIPType disagrees with RemoteIP in ${count} of ${rows} rows${how}`);
}
