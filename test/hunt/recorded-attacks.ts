/** Attacks recorded in a laboratory, by their folder beside the project; they are not part of it. */
export const RECORDED_ATTACKS = [
  'covenant-excel4macro',
  'empire-dcom-no-pid',
  'empire-psinject-5s-beacon',
  'empire-regsvr32-8444',
  'meterpreter-4433',
  'meterpreter-8443',
] as const;

/** Where the implants of these connect to, as recorded and as moved to a public address. */
export const RECORDED_C2: ReadonlySet<string> = new Set(['10.10.10.5', '203.0.113.10']);
