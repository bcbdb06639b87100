import { harmless, type Terminal, tell } from './terminal.ts';

/** A progress bar on stderr: on a terminal, after one second; nothing in a pipe. */
export interface Progress {
  /** Takes the engine's estimate, 0 to 100; below 0 where it has none. */
  report(percentage: number): void;
  /** Wipes the bar away. */
  end(): void;
}

const SHOWN_AFTER_MS = 1000;
const WIDTH = 30;

function progressBar(terminal: Terminal, what: string): Progress {
  const { stderr } = terminal;
  const start = Date.now();
  let shown = false;
  return {
    report(percentage) {
      const seconds = (Date.now() - start) / 1000;
      if (!stderr.isTTY || seconds * 1000 < SHOWN_AFTER_MS || percentage < 0) return;
      const filled = Math.round((Math.min(percentage, 100) / 100) * WIDTH);
      const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
      stderr.write(
        `\r\x1b[K${what} ${bar} ${String(Math.floor(percentage)).padStart(3)} %  ${seconds.toFixed(0)} s`,
      );
      shown = true;
    },
    end() {
      if (shown) stderr.write('\r\x1b[K');
      shown = false;
    },
  };
}

/** Runs work under a progress bar, which is gone before anything else is written. */
export async function withProgress<T>(
  terminal: Terminal,
  what: string,
  work: (options: { signal: AbortSignal; onProgress: (percentage: number) => void }) => Promise<T>,
): Promise<T> {
  const bar = progressBar(terminal, what);
  try {
    return await work({ signal: terminal.signal, onProgress: (percentage) => bar.report(percentage) });
  } finally {
    bar.end();
  }
}

/** A warning or note, marked as such. */
export function note(terminal: Terminal, line: string): void {
  tell(terminal, `note: ${harmless(line)}`);
}
