import type { BatchContext } from '../context.ts';
import type { SliceRecord } from '../state/manifest.ts';
import type { InputFile } from './input-file.ts';
import type { TablePlan } from './plan.ts';

/** Counts what is read, and says how far it is. */
export class Tally {
  readonly read = new Set<string>();
  bytes = 0;
  rowsRead = 0;
  rowsKept = 0;
  uncounted = 0;
  #done = 0;
  #bytesDone = 0;
  readonly #files: number;
  readonly #bytes: number;
  readonly #began = performance.now();
  readonly #context: BatchContext;

  constructor(context: BatchContext, plans: readonly TablePlan[], inputs: ReadonlyMap<string, InputFile>) {
    this.#context = context;
    const files = plans.flatMap(({ read }) => read.map(({ path }) => inputs.get(path)!));
    this.#files = files.length;
    this.#bytes = files.reduce((sum, { size }) => sum + size, 0);
  }

  add(file: InputFile, slice: SliceRecord | undefined): void {
    this.#done = Math.min(this.#done + 1, this.#files);
    this.#bytesDone = Math.min(this.#bytesDone + file.size, this.#bytes);
    if (slice !== undefined) {
      for (const { path } of slice.files) this.read.add(path);
      this.bytes += slice.files.reduce((sum, { size }) => sum + size, 0);
      this.rowsRead += slice.rowsRead ?? 0;
      this.uncounted += slice.rowsRead === null ? slice.files.length : 0;
      this.rowsKept += slice.rowsKept;
    }
    this.#context.onProgress?.({
      files: this.#files,
      filesDone: this.#done,
      bytes: this.#bytes,
      bytesDone: this.#bytesDone,
      rowsKept: this.rowsKept,
      seconds: (performance.now() - this.#began) / 1000,
    });
  }
}
