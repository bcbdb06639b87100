/**
 * How often a property is tried: `all` times where MERGANSER_THOROUGH is set, as before a change lands; half as often
 * otherwise, so that all tests together take less than three minutes on two cores.
 */
export function runs(all: number): number {
  return process.env.MERGANSER_THOROUGH ? all : Math.ceil(all / 2);
}

/** What is tried of a long list of the like: all where MERGANSER_THOROUGH is set, else every third. */
export function some<T>(all: readonly T[]): readonly T[] {
  return process.env.MERGANSER_THOROUGH ? all : all.filter((_, index) => index % 3 === 0);
}
