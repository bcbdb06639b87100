import { MerganserError } from '../error.ts';
import type { EngineLimits } from './limits.ts';

/**
 * An error of the engine's in words for a user. What is already in such words passes through, and so does what
 * is not the engine's; an error about the engine's limits says which limit, and what to do.
 */
export function engineError(error: unknown, limits: EngineLimits): unknown {
  if (!(error instanceof Error) || error instanceof MerganserError) return error;
  const ours = OURS.exec(error.message)?.[1];
  if (ours !== undefined) return new MerganserError(ours, { cause: error });
  const said = error.message.split('\n', 1)[0]!;
  const why = said.replace(/^[A-Z][A-Za-z ]* Error: /, '');
  if (/no space left on device|max_temp_directory_size|failed to offload/i.test(error.message)) {
    return new MerganserError(`the disk for spilled data is full: ${why}`, {
      hint: 'name a folder on a larger disk with --temp, or allow more memory with --memory',
      cause: error,
    });
  }
  if (/^Out of Memory Error|failed to allocate|could not allocate/i.test(error.message)) {
    const limit = limits.memory === undefined ? 'the memory limit' : `--memory ${limits.memory}`;
    return new MerganserError(`${limit} is too small for this run: ${why}`, {
      hint: 'allow more with --memory, fewer with --threads, or hunt a shorter time with --since and --until',
      cause: error,
    });
  }
  if (TOO_LARGE.test(said)) {
    return new MerganserError('the query is too large or too deeply nested for the engine', {
      hint: 'split it into smaller ones, or compute what is used many times in a column or table of its own',
      cause: error,
    });
  }
  const pattern = PATTERN.exec(said)?.[1];
  if (pattern !== undefined)
    return new MerganserError(`a regular expression is not valid: ${pattern}`, { cause: error });
  return unforeseen(error, said);
}

/** What sql/macros/errors.sql raises, up to where the engine points into the SQL. */
const OURS = /^Invalid Input Error: KQL: ([\s\S]*?)(?:\n\nLINE \d[\s\S]*)?$/;

const TOO_LARGE = /^(?:Binder|Parser) Error: (?:Max expression|Maximum tree) depth/;

/** What RE2 says of a pattern, one that came with the data: https://github.com/google/re2/blob/main/re2/parse.cc */
const PATTERN =
  /^Invalid Input Error: (?:Pattern failed to parse, error: ')?((?:missing [)\]]|unexpected \)|trailing \\|pattern too large|no argument for repetition|bad repetition|invalid (?:escape sequence|character class|perl operator|named capture|repetition size|UTF-8)).*?)'?$/;

/** An error of the engine's about SQL that the user did not write: its own words, without the SQL. */
function unforeseen(error: Error, said: string): Error {
  if (!/^[A-Z][A-Za-z ]* Error: /.test(said)) return error;
  return new MerganserError(`the engine could not go on: ${said}`, {
    hint: 'MERGANSER_DEBUG=1 shows where',
    cause: error,
  });
}
