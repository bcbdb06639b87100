import { engineError } from '../engine/errors.ts';
import { type MerganserError, UsageError } from '../error.ts';
import type { BatchEvent, BatchProgress } from '../hunt/batch/report/events.ts';
import { bytesSaid, countSaid, durationSaid } from '../report/units.ts';
import { visibleJson } from '../visible.ts';
import { EXIT } from './exit.ts';
import { note } from './progress.ts';
import { harmless, type Terminal, tell } from './terminal.ts';

/** Tells on stderr how a batch goes. */
export interface BatchTeller {
  event(event: BatchEvent): void;
  progress(progress: BatchProgress): void;
  /** Takes the error that a run ended with, and gives the exit code; undefined where others are to tell it. */
  failed(error: unknown): number | undefined;
  /** Wipes the progress line away. */
  end(): void;
}

/**
 * As text: warnings, the line of the run, and on a terminal a line of progress. As JSON: one object a line for each
 * event, and for progress every few seconds.
 */
export function batchTeller(terminal: Terminal, how: 'text' | 'json'): BatchTeller {
  return how === 'json' ? jsonTeller(terminal) : textTeller(terminal);
}

function jsonTeller(terminal: Terminal): BatchTeller {
  let last = Date.now();
  const line = (content: object) => {
    const json = JSON.stringify({ time: new Date().toISOString(), ...content });
    tell(terminal, terminal.stderr.isTTY ? visibleJson(json) : json);
  };
  return {
    event: ({ level, event, message, details }) => line({ level, event, message, ...details }),
    progress(progress) {
      if (Date.now() - last < LOGGED_EVERY_MS && progress.filesDone < progress.files) return;
      last = Date.now();
      line({ level: 'info', event: 'progress', message: progressLine(progress), ...progress });
    },
    failed(error) {
      // One who interrupted it knows.
      if (terminal.signal.aborted) return undefined;
      const { message, hint } = engineError(error, {}) as Partial<MerganserError>;
      line({ level: 'error', event: 'failed', message, hint });
      return error instanceof UsageError ? EXIT.usage : EXIT.failed;
    },
    end() {},
  };
}

const LOGGED_EVERY_MS = 5000;

function textTeller(terminal: Terminal): BatchTeller {
  const { stderr } = terminal;
  let shown = false;
  const wipe = () => {
    if (shown) stderr.write('\r\x1b[K');
    shown = false;
  };
  return {
    event({ level, event, message }) {
      wipe();
      if (event === 'finished') tell(terminal, harmless(message));
      else if (level === 'error') tell(terminal, `error: ${harmless(message)}`);
      else if (level === 'warning') note(terminal, message);
    },
    progress(progress) {
      if (!stderr.isTTY || progress.seconds < SHOWN_AFTER_S) return;
      const { files, filesDone } = progress;
      const line =
        filesDone < files ? progressLine(progress) : `all ${countSaid(files)} files read, correlating`;
      stderr.write(`\r\x1b[K${line}`);
      shown = true;
    },
    failed: () => undefined,
    end: wipe,
  };
}

const SHOWN_AFTER_S = 1;

/** `120 of 400 files, 3.2 of 10 GB, 450 MB/s, 37,000 rows kept, 16 s left` */
export function progressLine({
  files,
  filesDone,
  bytes,
  bytesDone,
  rowsKept,
  seconds,
}: BatchProgress): string {
  const rate = bytesDone / Math.max(seconds, 0.001);
  const left = rate > 0 ? `, ${durationSaid((bytes - bytesDone) / rate)} left` : '';
  const size = `${bytesSaid(bytesDone)} of ${bytesSaid(bytes)}, ${bytesSaid(Math.round(rate))}/s`;
  return `reading ${countSaid(filesDone)} of ${countSaid(files)} files, ${size}, ${countSaid(rowsKept)} rows kept${left}`;
}
