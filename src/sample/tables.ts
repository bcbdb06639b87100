import { Session } from '../engine/session.ts';
import type { Event, TableName } from './events.ts';
import type { Device } from './fleet.ts';
import { ordinaryDay } from './noise.ts';
import type { SampleOptions, SampleScope } from './options.ts';
import type { Plant } from './plant.ts';
import { DAY, dateText } from './time.ts';
import { TableWriter, type Written } from './write.ts';

/**
 * Writes both tables, a day at a time and within it a device at a time, so that memory holds one day of rows.
 * Ordinary events are made as they are written; what is planted comes in with the day it falls on.
 */
export async function writeTables(
  directory: string,
  scope: SampleScope,
  fleet: readonly Device[],
  plants: readonly Plant[],
  options: SampleOptions,
): Promise<Record<TableName, Written>> {
  // One thread: with more, the order in which rows reach the file, and so its bytes, may differ between runs.
  const session = await Session.open({ threads: 1 });
  try {
    const connection = await session.connect();
    const loads = new TableWriter(connection, 'DeviceImageLoadEvents', directory);
    const connections = new TableWriter(connection, 'DeviceNetworkEvents', directory);
    await writeDays([loads, connections], scope, fleet, plants, options);
    return { DeviceImageLoadEvents: loads.written, DeviceNetworkEvents: connections.written };
  } finally {
    await session.close();
  }
}

async function writeDays(
  writers: readonly TableWriter[],
  scope: SampleScope,
  fleet: readonly Device[],
  plants: readonly Plant[],
  { signal, onProgress }: SampleOptions,
): Promise<void> {
  const planted = byDayAndDevice(scope, plants);
  const number = reportNumbers();
  for (let day = 0; day < scope.days; day++) {
    const dayStart = scope.start + day * DAY;
    for (const device of fleet) {
      signal?.throwIfAborted();
      const events = number([
        ...ordinaryDay(scope.seed, device, day, dayStart),
        ...(planted.get(`${day} ${device.index}`) ?? []),
      ]);
      for (const writer of writers) {
        await writer.add(events.filter(({ table }) => table === writer.table));
      }
      onProgress?.((100 * (day + (device.index + 1) / fleet.length)) / scope.days);
    }
    for (const writer of writers) await writer.endDay(dateText(dayStart));
  }
}

function byDayAndDevice(scope: SampleScope, plants: readonly Plant[]): Map<string, Event[]> {
  const groups = new Map<string, Event[]>();
  for (const event of plants.flatMap((plant) => plant.events)) {
    if (event.at < scope.start || event.at >= scope.end) throw new RangeError('planted outside of the lake');
    const key = `${Math.floor((event.at - scope.start) / DAY)} ${event.device.index}`;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(event);
  }
  return groups;
}

/** Gives a device's events their ReportIds, counting up in the order of time and on from day to day. */
function reportNumbers(): (events: readonly Event[]) => Event[] {
  const counters = new Map<string, number>();
  return (events) =>
    [...events]
      .sort((one, other) => one.at - other.at)
      .map((event) => {
        const next = (counters.get(event.device.id) ?? 0) + 1;
        counters.set(event.device.id, next);
        return { ...event, row: { ...event.row, ReportId: next } };
      });
}
