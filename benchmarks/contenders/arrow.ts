import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Table, tableFromIPC, tableToIPC } from 'apache-arrow';
import type { Answer, Task } from '../contender.ts';
import { openLake } from '../project.ts';

/** A lake's connections as a table of apache-arrow. `parts.out` is the way from the engine's result to the table. */
export async function arrowOut(task: Task): Promise<Answer> {
  const { lake: folder, memory, threads, temp } = task;
  await using lake = await openLake(folder, { memory, threads, temp });
  const hits = await lake.sql(SELECT);
  const start = performance.now();
  const table = await hits.arrow();
  const out = performance.now() - start;
  await writeFile(ipcFile(task), tableToIPC(table, 'file'));
  return { rows: summary(table), parts: { out }, through: { rows: table.numRows, bytes: bytesOf(table) } };
}

/** The same table, read back as a table of a lake; what {@link arrowOut} left behind must be there. */
export async function arrowIn(task: Task): Promise<Answer> {
  const { memory, threads, temp } = task;
  const table = tableFromIPC(await readFile(ipcFile(task)));
  const start = performance.now();
  await using lake = await openLake({ DeviceNetworkEvents: table }, { memory, threads, temp });
  const hits = await lake.sql(`SELECT count(*) AS n, sum(RemotePort) AS ports FROM DeviceNetworkEvents`);
  const [row] = await hits.rows();
  return {
    rows: [Number(row!.n), Number(row!.ports)],
    parts: { in: performance.now() - start },
    through: { rows: table.numRows, bytes: bytesOf(table) },
  };
}

const SELECT = `
SELECT Timestamp, DeviceId, DeviceName, ActionType, RemoteIP, RemotePort, RemoteIPType, InitiatingProcessId, SentBytes
FROM DeviceNetworkEvents`;

function ipcFile({ temp }: Task): string {
  return join(temp, 'connections.arrow');
}

function summary(table: Table): number[] {
  let ports = 0;
  for (const port of table.getChild('RemotePort') ?? []) ports += Number(port);
  return [table.numRows, ports];
}

function bytesOf(table: Table): number {
  return table.batches.reduce((sum, batch) => sum + batch.data.byteLength, 0);
}
