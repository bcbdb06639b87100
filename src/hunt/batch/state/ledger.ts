import { mkdir } from 'node:fs/promises';
import { syncFolder } from '../../../engine/durable.ts';
import type { Extract } from '../extract/extraction.ts';
import { type Manifest, type NearbyRecord, type SliceRecord, writeManifest } from './manifest.ts';
import type { WorkDirectory } from './work-directory.ts';

/** The manifest while a run changes it: kept in memory, written down about once a second and whenever it matters. */
export class Ledger {
  readonly #work: WorkDirectory;
  readonly #slices = new Map<string, SliceRecord>();
  readonly #extracts: Map<string, Extract>;
  #rest: Omit<Manifest, 'slices' | 'extracts'>;
  #written = Date.now();
  #changed = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(work: WorkDirectory, { slices, extracts, ...rest }: Manifest) {
    this.#work = work;
    this.#extracts = new Map(Object.entries(extracts));
    this.#rest = rest;
    for (const slice of slices) this.#slices.set(slice.name, slice);
  }

  /** As it stands: slices in the order of their names, extracts that a slice has. */
  get manifest(): Manifest {
    const slices = [...this.#slices.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const used = new Set(slices.map(({ extract }) => extract));
    const extracts = [...this.#extracts]
      .filter(([key]) => used.has(key))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return { extracts: Object.fromEntries(extracts), slices, ...this.#rest };
  }

  /** Makes sure that the folder of a table's slices is there. */
  async prepare(key: string, extract: Extract): Promise<void> {
    this.#extracts.set(key, extract);
    await mkdir(this.#work.at(`slices/${extract.table}`), { recursive: true });
  }

  /** Keeps these slices and forgets all others, but for when their events were. */
  keepOnly(slices: Iterable<SliceRecord>): void {
    const kept = new Map([...slices].map((slice) => [slice.name, slice]));
    const dropped = [...this.#slices.values()].filter(({ name }) => !kept.has(name));
    if (dropped.length === 0) return;
    for (const { name } of dropped) this.#slices.delete(name);
    const before = dropped.map(({ table, files, first, last }) => {
      return { table, paths: files.map(({ path }) => path), first, last };
    });
    this.set({ dropped: [...this.#rest.dropped, ...before] });
  }

  async add(slice: SliceRecord): Promise<void> {
    this.#slices.set(slice.name, slice);
    this.#changed = true;
    if (Date.now() - this.#written >= WRITTEN_EVERY_MS) await this.write();
  }

  set(rest: Partial<Omit<Manifest, 'slices' | 'extracts'>>): void {
    this.#rest = { ...this.#rest, ...rest };
    this.#changed = true;
  }

  setNearby(detection: string, record: NearbyRecord | undefined): void {
    if (record !== undefined) this.set({ nearby: { ...this.#rest.nearby, [detection]: record } });
  }

  /** Forgets what was kept for other detections. */
  keepNearby(detections: readonly string[]): void {
    const kept = Object.entries(this.#rest.nearby).filter(([id]) => detections.includes(id));
    this.set({ nearby: Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1))) });
  }

  /** Writes it down, slices' names first: what the manifest names is on the disk. */
  async write(): Promise<void> {
    this.#written = Date.now();
    this.#writing = this.#writing.then(async () => {
      if (!this.#changed) return;
      this.#changed = false;
      const manifest = this.manifest;
      for (const table of new Set(manifest.slices.map((slice) => slice.table))) {
        await syncFolder(this.#work.at(`slices/${table}`));
      }
      await writeManifest(this.#work.manifest, manifest);
    });
    await this.#writing;
  }
}

/** A manifest is written with two syncs, some milliseconds: a run that dies loses this much work at most. */
const WRITTEN_EVERY_MS = 1000;
