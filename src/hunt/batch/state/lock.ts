import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { MerganserError } from '../../../error.ts';

/** Who holds a work directory. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, as its system counts: a PID alone may since have passed to another. Null where unknown. */
  readonly began: string | null;
  /** When it took the lock, ISO-8601. */
  readonly since: string;
}

/** A lock that is held until it is released. */
export interface Lock {
  release(): Promise<void>;
}

const NAME = /^lock\.(\d+)$/;
/** A lock in the making; one of a process that died in between stays. */
const ASIDE = /^lock\.\d+\.[0-9a-f]+\.partial$/;

/**
 * Takes the lock of a folder. A lock whose process is dead is passed over. Throws a MerganserError that says who
 * holds it.
 *
 * A lock is a file `lock.<n>` that appears whole, under the number after the highest there is, so that of two who
 * see the same dead lock one gets the next number. Whoever got one looks again: if another live lock is there, it
 * gives up its own, so that never two go on. It removes dead locks, and those in the making: whoever finds its own
 * gone comes too late.
 */
export async function takeLock(folder: string): Promise<Lock> {
  const before = await locks(folder);
  refuseIfHeld(folder, before);
  const number = Math.max(0, ...before.map((each) => each.number)) + 1;
  const path = join(folder, `lock.${number}`);
  if (!(await create(path))) refuseIfHeld(folder, await locks(folder), true);
  const release = () => rm(path, { force: true });
  try {
    const others = (await locks(folder)).filter((each) => each.number !== number);
    refuseIfHeld(folder, others);
    for (const each of others) await rm(join(folder, `lock.${each.number}`), { force: true });
    for (const name of await readdir(folder))
      if (ASIDE.test(name)) await rm(join(folder, name), { force: true });
  } catch (error) {
    await release();
    throw error;
  }
  return { release };
}

/** Who holds the folder now; undefined where nobody does. */
export async function lockHolder(folder: string): Promise<Holder | undefined> {
  return (await locks(folder)).find(({ holder }) => holder !== undefined && isAlive(holder))?.holder;
}

interface Found {
  readonly number: number;
  readonly holder: Holder | undefined;
}

async function locks(folder: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const name of await readdir(folder)) {
    const number = NAME.exec(name)?.[1];
    if (number === undefined) continue;
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    if (text !== undefined) found.push({ number: Number(number), holder: parsed(text) });
  }
  return found;
}

function parsed(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}

/** Makes the lock with its content in one step, as a link to a finished file. False where another was first. */
async function create(path: string): Promise<boolean> {
  const aside = `${path}.${randomBytes(6).toString('hex')}.partial`;
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    began: began(process.pid) ?? null,
    since: new Date().toISOString(),
  };
  await writeFile(aside, JSON.stringify(holder));
  try {
    await link(aside, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

function refuseIfHeld(folder: string, found: readonly Found[], always = false): void {
  const held = found.find(({ holder }) => holder !== undefined && isAlive(holder))?.holder;
  if (held === undefined && !always) return;
  const who =
    held === undefined ? 'another batch' : `process ${held.pid} on ${held.host} since ${held.since}`;
  const elsewhere = held !== undefined && held.host !== hostname();
  throw new MerganserError(`${folder} is in use by ${who}`, {
    hint: elsewhere
      ? `if that machine no longer runs it, delete ${folder}/lock.*`
      : 'wait for it to end, or use another work directory',
  });
}

/** Whether the holder still runs. Of another machine's processes nothing is known: they count as alive. */
function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = began(holder.pid);
  return holder.began === null || now === undefined || now === holder.began;
}

/** When a process began, in ticks since its machine did, with that machine's boot. Linux only. */
function began(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // A process that has ended and that nobody has waited for holds nothing.
    return fields[0] === 'Z' ? 'ended' : `${boot} ${fields[19]}`;
  } catch {
    return undefined;
  }
}
