#!/usr/bin/env node
import { run } from './run.ts';

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort(new Error('interrupted')));
process.once('SIGTERM', () => interrupted.abort(new Error('terminated')));
// A terminal that closes. Node heeds it also under `nohup`: it resets what its parent told it to ignore.
process.once('SIGHUP', () => interrupted.abort(new Error('the terminal was closed')));

// A reader that goes away (`| head`) ends the output; what is written to it still is nobody's error. Any other
// error of the streams is thrown where they are written.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: interrupted.signal,
});
// Standard input that is still waited for would keep the process.
process.stdin.destroy();
