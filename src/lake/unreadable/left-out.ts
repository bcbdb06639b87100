import { type Unreadable, UnreadableFiles } from './unreadable-files.ts';

/** Whether and how a lake goes on without files that cannot be read. */
export interface LeaveOutOptions {
  readonly skipUnreadable?: boolean | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** The files that a lake goes on without, each told of once. */
export class LeftOut {
  readonly #files = new Map<string, Unreadable>();
  readonly #options: LeaveOutOptions;
  #counted = 0;

  constructor(options: LeaveOutOptions) {
    this.#options = options;
  }

  get files(): Unreadable[] {
    return [...this.#files.values()];
  }

  get size(): number {
    return this.#files.size;
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** Leaves files out. Throws them as an error unless the lake was opened to go on without. */
  add(files: readonly [Unreadable, ...Unreadable[]]): void {
    if (!this.#options.skipUnreadable) throw new UnreadableFiles(files);
    for (const each of files) {
      if (this.#files.has(each.file)) continue;
      this.#files.set(each.file, each);
      this.#options.onWarning?.(`left out ${each.file}: ${each.problem}`);
    }
  }

  /** Says how many there are, of all the lake's files, when that has changed. */
  count(all: number): void {
    if (this.size === this.#counted) return;
    this.#counted = this.size;
    this.#options.onWarning?.(`${this.size} of ${all} files left out: none of their rows count`);
  }
}
