/** Instants as people read them, from the ISO-8601 texts of the JSON formats. */

/** `2026-01-31T08:00:01.1234560Z` as `2026-01-31 08:00:01`. */
function instantSaid(iso: string): string {
  return iso.replace('T', ' ').replace(/(\.\d+)?Z$/, '');
}

/** From one instant to another, the day said once where it is the same. */
export function spanOfInstants(first: string, last: string, arrow: string): string {
  const from = instantSaid(first);
  const to = instantSaid(last);
  if (from === '' && to === '') return 'not recorded';
  if (first === last) return `${from} UTC`;
  const sameDay = from.slice(0, 11) === to.slice(0, 11);
  return `${from} ${arrow} ${sameDay ? to.slice(11) : to} UTC`;
}
