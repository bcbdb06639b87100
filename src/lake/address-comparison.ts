import { macroText } from '../dialect/duckdb/macro-text.ts';
import { quoteIdentifier } from '../dialect/duckdb/quote.ts';
import { all, type RunOptions } from '../engine/run.ts';
import { ADDRESS_CLASS_MACROS, CLASSIFIED } from './address-class.ts';
import type { Lake } from './lake.ts';
import type { TimeBounds } from './view.ts';

/** How many rows say one class of address and are of another; `recorded` is '' where nothing is recorded. */
export interface AddressDisagreement {
  readonly recorded: string;
  readonly derived: string;
  readonly rows: number;
}

/** How what is recorded of addresses compares with what they are. */
export interface AddressReport {
  /** Rows with an address. */
  readonly rows: number;
  /** Most rows first. */
  readonly disagreements: readonly AddressDisagreement[];
}

/** Compares what DeviceNetworkEvents records as RemoteIPType with what RemoteIP says. Reads two columns, once. */
export async function compareAddressClasses(
  lake: Lake,
  bounds: TimeBounds,
  options: RunOptions = {},
): Promise<AddressReport> {
  const table = 'DeviceNetworkEvents';
  return lake.reading([table], async () => {
    const { sql } = await lake.recordedView(table, bounds);
    const rows = await lake.connected([], {}, async (connection) => {
      await connection.run(macroText(ADDRESS_CLASS_MACROS));
      return all(connection, comparison(sql), undefined, options);
    });
    return {
      rows: rows.reduce((sum, { rows: count }) => sum + Number(count), 0),
      disagreements: rows
        .filter(({ recorded, derived }) => recorded !== derived)
        .map(({ recorded, derived, rows: count }) => ({
          recorded: String(recorded),
          derived: String(derived),
          rows: Number(count),
        })),
    };
  });
}

/** Each address is classified once, however often it occurs. */
function comparison(view: string): string {
  return `WITH addresses AS (
  SELECT ${quoteIdentifier(CLASSIFIED.from)} AS ip, ${quoteIdentifier(CLASSIFIED.column)} AS recorded, count(*) AS rows
  FROM (
${view}
  ) AS connections
  WHERE ip <> ''
  GROUP BY ALL
)
SELECT recorded, address_class(ip) AS derived, sum(rows)::BIGINT AS rows
FROM addresses
GROUP BY ALL
ORDER BY rows DESC, recorded, derived`;
}
