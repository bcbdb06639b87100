import type { Question } from '../question.ts';
import { arrow } from './arrow.ts';
import { batch } from './batch.ts';
import { beacons } from './beacons.ts';
import { billion } from './billion.ts';
import { cold } from './cold.ts';
import { floor } from './floor.ts';
import { growth } from './growth.ts';
import { memory } from './memory.ts';
import { naive } from './naive.ts';
import { peers } from './peers.ts';
import { translation } from './translation.ts';

/** All questions, in the order in which they are asked. */
export const QUESTIONS: readonly Question[] = [
  floor,
  naive,
  peers,
  growth,
  memory,
  arrow,
  cold,
  translation,
  beacons,
  batch,
  billion,
];
