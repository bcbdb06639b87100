import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A program of its own that did the work, and what it used. */
export interface Ran {
  readonly stdout: string;
  /** Milliseconds of processor time, and the most memory in bytes; zero where the system has no /proc. */
  readonly cpu: number;
  readonly memory: number;
}

const PEEK_EVERY_MS = 10;
/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;

/** Runs a program with `stdin` and waits for its end. Throws with what it wrote to stderr when it fails. */
export async function runElsewhere(program: string, args: readonly string[], stdin = ''): Promise<Ran> {
  const before = childrenCpu();
  const child = spawn(program, args);
  let memory = 0;
  const peek = setInterval(() => {
    memory = Math.max(memory, highWater(child.pid));
  }, PEEK_EVERY_MS);
  try {
    // A program may end before it has read its input; its exit code says whether that was right.
    child.stdin.on('error', () => {}).end(stdin);
    const [stdout, stderr, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve)),
    ]);
    if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr.trim()}`);
    return { stdout, cpu: childrenCpu() - before, memory };
  } finally {
    clearInterval(peek);
  }
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  const pieces: string[] = [];
  stream.setEncoding('utf8');
  for await (const piece of stream) pieces.push(String(piece));
  return pieces.join('');
}

/** Processor time of all children that have ended, from /proc: Node counts its own only. */
function childrenCpu(): number {
  const fields = proc('self/stat').split(') ').pop()!.split(' ');
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) * TICK_MS;
}

/** The most memory that a process has held so far, in bytes; 0 where the system has no /proc, or no such process. */
export function highWater(pid: number | 'self' | undefined): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(proc(`${pid}/status`))?.[1] ?? 0) * 1024;
}

function proc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return '';
  }
}
