/**
 * How often a property is tried: `all` times where MERGANSER_THOROUGH is set, as before a change lands; half as often
 * otherwise, so that all tests together take less than three minutes on two cores.
 */
export function runs(all: number): number {
  return process.env.MERGANSER_THOROUGH ? all : Math.ceil(all / 2);
}
