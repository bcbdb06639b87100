/** Exit codes: what a script that calls merganser can tell apart. */
export const EXIT = { fine: 0, failed: 1, usage: 2, findings: 3, interrupted: 130 } as const;
