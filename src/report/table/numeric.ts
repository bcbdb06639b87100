import type { KqlType } from '../../schema/kql-types.ts';

/** Whether values of the type are numbers, which tables align to the right. */
export function isNumeric(type: KqlType): boolean {
  return type === 'int' || type === 'long' || type === 'real' || type === 'decimal';
}
