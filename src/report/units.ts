/** Quantities as people say them. */

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** Bytes in the unit that leaves one to four digits, 1 MB being 1,048,576 bytes as in DataTransferMB: `3.4 MB`. */
export function bytesSaid(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (Math.abs(amount) >= 1023.95 && unit < BYTE_UNITS.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${unit === 0 ? amount : short(amount)} ${BYTE_UNITS[unit]}`;
}

/** A span of seconds in the unit that fits: `8.5 s`, `61 s`, `41 min`, `4.1 h`, `3.2 d`. */
export function durationSaid(seconds: number): string {
  if (seconds < 120) return `${short(seconds)} s`;
  if (seconds < 7_200) return `${short(seconds / 60)} min`;
  if (seconds < 172_800) return `${short(seconds / 3_600)} h`;
  return `${short(seconds / 86_400)} d`;
}

/** A span counted in whole minutes: `under a minute`, `41 min`, `4.1 h`. */
export function minutesSaid(minutes: number): string {
  if (minutes < 1) return 'under a minute';
  return minutes < 120 ? `${minutes} min` : durationSaid(minutes * 60);
}

/** A whole number with its thousands apart: `12,042`. */
export function countSaid(count: number | string): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 finding`, `2 findings`. */
export function countOf(count: number | string, one: string): string {
  return `${countSaid(count)} ${one}${String(count) === '1' ? '' : 's'}`;
}

/** One decimal below ten where it says something, else none. */
function short(amount: number): string {
  return amount < 9.95 ? String(Math.round(amount * 10) / 10) : String(Math.round(amount));
}
