import type { Ground, Plant } from './plant.ts';
import { SUSPICIOUS, suspect, WINDOW } from './suspect.ts';
import { DAY, MINUTE, SECOND } from './time.ts';

/** Connections at the very edge of the window, which includes both ends. */
export function plantBoundaries(ground: Ground): Plant[] {
  return [atTheLoad(ground), fifteenMinutesAfter(ground), ...acrossMidnight(ground)];
}

function atTheLoad(ground: Ground): Plant {
  const { plant, loaded } = suspect(ground, {
    id: 'at-the-load',
    kind: 'boundary',
    category: 'first instant of the window',
    why: 'the connection has the very time of the load',
  });
  return plant.load(loaded, 'bcrypt.dll').connect(loaded, SUSPICIOUS);
}

function fifteenMinutesAfter(ground: Ground): Plant {
  const { plant, loaded } = suspect(ground, {
    id: 'fifteen-minutes-after',
    kind: 'boundary',
    category: 'last instant of the window',
    why: 'the connection comes exactly 15 minutes after the load',
  });
  return plant.load(loaded, 'ncrypt.dll').connect(loaded + WINDOW, SUSPICIOUS);
}

/** Needs a second day: the load is in one partition, the connection in the next. */
function acrossMidnight(ground: Ground): Plant[] {
  const midnight = ground.start + DAY;
  if (midnight >= ground.end) return [];
  const { plant } = suspect(
    ground,
    {
      id: 'across-midnight',
      kind: 'boundary',
      category: 'two partitions',
      why: 'the load is in the files of one day, its connections are in those of the next',
    },
    { loaded: midnight - 4 * MINUTE },
  );
  plant.load(midnight - 4 * MINUTE, 'rsaenh.dll').connect(midnight, SUSPICIOUS);
  return [plant.connect(midnight + 9 * MINUTE + 30 * SECOND, SUSPICIOUS)];
}
