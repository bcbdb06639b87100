/** Tables exported column by column: Defender XDR names the event's time `Timestamp`, Sentinel `TimeGenerated`. */
export function flatShape(columns: readonly string[]): 'defender-xdr' | 'sentinel' | 'custom' {
  const names = new Set(columns.map((name) => name.toLowerCase()));
  if (names.has('timegenerated')) return 'sentinel';
  return names.has('timestamp') ? 'defender-xdr' : 'custom';
}
