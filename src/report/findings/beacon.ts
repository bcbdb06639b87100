import type { ResultColumn } from '../../engine/result.ts';
import { type Json, toJson } from '../../engine/values.ts';

/** What one row of the beacon analysis says, as far as the table for eyes shows it. */
export interface Beacon {
  readonly device: string;
  readonly process: string;
  readonly account: string;
  /** `203.0.113.10:443`, `c2.example:443` or `203.0.113.0/24:443`. */
  readonly destination: string;
  readonly domain: string;
  readonly score: number;
  readonly timing: number;
  readonly prevalence: number;
  readonly rita: number | null;
  readonly reason: string;
  readonly first: string;
  readonly last: string;
  /** The rule that hides it; '' for none, or where rules were not asked. */
  readonly hiddenBy: string;
}

const NEEDED = [
  'DeviceName',
  'ProcessName',
  'AccountName',
  'KeyKind',
  'Destination',
  'RemotePort',
  'Domain',
  'BeaconScore',
  'TimingScore',
  'PrevalenceScore',
  'RitaScore',
  'Reason',
  'FirstConnection',
  'LastConnection',
] as const;

/** Whether rows of these columns can be read as beacons. */
export function isBeacons(columns: readonly Pick<ResultColumn, 'name'>[]): boolean {
  const names = new Set(columns.map(({ name }) => name));
  return NEEDED.every((name) => names.has(name));
}

/** Reads rows of such columns: what it gives takes a row's values, in the columns' order. */
export function beaconReader(
  columns: readonly ResultColumn[],
): (row: readonly Parameters<typeof toJson>[0][]) => Beacon {
  const at = new Map<string, number>(columns.map(({ name }, index) => [name, index]));
  const hiding = at.get('SuppressedBy');
  return (row) => {
    const value = (name: (typeof NEEDED)[number]): Json => {
      const index = at.get(name)!;
      return toJson(row[index]!, columns[index]!.type);
    };
    const text = (name: (typeof NEEDED)[number]) => String(value(name) ?? '');
    const address = text('Destination');
    const port = value('RemotePort');
    return {
      device: text('DeviceName'),
      process: text('ProcessName'),
      account: text('AccountName'),
      destination: port === null ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`,
      domain: value('KeyKind') === 'domain' ? '' : text('Domain'),
      score: Number(value('BeaconScore')),
      timing: Number(value('TimingScore')),
      prevalence: Number(value('PrevalenceScore')),
      rita: value('RitaScore') === null ? null : Number(value('RitaScore')),
      reason: text('Reason'),
      first: text('FirstConnection'),
      last: text('LastConnection'),
      hiddenBy: hiding === undefined ? '' : String(row[hiding] ?? ''),
    };
  };
}
