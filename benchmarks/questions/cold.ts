import { entry } from '../contenders/contenders.ts';
import { measure } from '../measure.ts';
import type { Question } from '../question.ts';

export const cold: Question = {
  name: 'cold',
  asks: 'How long from typing the command to its findings, on the sample lake?',
  async run({ threads, temp, ...options }) {
    const results = await measure([entry('command line', { lake: '', threads, temp })], options);
    return [{ on: 'data/sample', rows: 54_413, results, ratios: [], figures: { 'seconds wanted': 0.6 } }];
  },
};
