/**
 * Segments that are ready before they are needed: zeroes written and synced under their next number,
 * so that beginning one costs the append no more than any other batch. What compaction gives back is
 * renamed to the next number and used again; its stale records have lower sequences.
 *
 * Every change of names is made durable before the next one, one after another.
 */
import { assert } from '@windlass/base';
import type { FailureLatch } from './damage.ts';
import { syncData, temporarySuffix, type WalFile, type WalFiles, writeAt } from './files.ts';
import { backgroundSyncBytes, fillChunkBytes } from './limits.ts';
import { segmentName } from './names.ts';
import { hasCode } from './system-error.ts';

export type PoolSettings = {
  readonly files: WalFiles;
  readonly folder: string;
  readonly segmentBytes: number;
  readonly spareSegmentsMax: number;
  readonly latch: FailureLatch;
};

export class SegmentPool {
  readonly #settings: PoolSettings;
  /** Ready ones, ascending; the first follows the segment in use. */
  readonly #spares: number[];
  /** Highest number that a file has. */
  #highest: number;
  #closing = false;
  /** Changes of names, one after another; never rejects. */
  #changes: Promise<unknown> = Promise.resolve();
  /** The one that is being made. */
  #creation: Promise<void> | null = null;

  constructor(settings: PoolSettings, lastInUse: number, spares: readonly number[]) {
    this.#settings = settings;
    this.#spares = [...spares];
    this.#highest = spares.at(-1) ?? lastInUse;
  }

  get spareCount(): number {
    return this.#spares.length;
  }

  /** Makes one in the background if there is none. */
  prepare(): void {
    if (this.#spares.length > 0 || this.#creation !== null || this.#closing) return;
    this.create().catch((error: unknown) => {
      // No room ahead of need isn't the end: compaction may give a segment back before it is
      // needed. An append that needs one tries again, and that failure is final.
      if (!hasCode(error, 'ENOSPC', 'EDQUOT')) this.#settings.latch.fail(error);
    });
  }

  /** Makes one, unless there is one. */
  create(): Promise<void> {
    this.#creation ??= this.#enqueue(() => this.#makeSegment()).finally(() => {
      this.#creation = null;
    });
    return this.#creation;
  }

  /** Number of the next segment to use. Waits only where appends were faster than the disk. */
  async take(): Promise<number> {
    if (this.#spares.length === 0) await this.create();
    const number = this.#spares.shift();
    assert(number !== undefined, 'a segment was made');
    this.prepare();
    return number;
  }

  /** Takes back segments that aren't needed; removes those that are too many or of another size. */
  recycle(segments: readonly { number: number; fileBytes: number }[]): Promise<void> {
    return this.#enqueue(async () => {
      for (const { number, fileBytes } of segments) await this.#giveBack(number, fileBytes);
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#changes;
  }

  #enqueue(change: () => Promise<void>): Promise<void> {
    const done = this.#changes.then(change);
    this.#changes = done.catch(() => null);
    return done;
  }

  async #giveBack(number: number, fileBytes: number): Promise<void> {
    const { files, folder, segmentBytes, spareSegmentsMax } = this.#settings;
    const path = `${folder}/${segmentName(number)}`;
    if (fileBytes !== segmentBytes || this.#spares.length >= spareSegmentsMax) {
      await files.remove(path);
      await files.syncFolder(folder);
      return;
    }
    const next = this.#highest + 1;
    await files.rename(path, `${folder}/${segmentName(next)}`);
    await files.syncFolder(folder);
    this.#add(next);
  }

  async #makeSegment(): Promise<void> {
    if (this.#spares.length > 0 || this.#closing) return;
    const { files, folder } = this.#settings;
    const next = this.#highest + 1;
    const path = `${folder}/${segmentName(next)}`;
    const temporary = path + temporarySuffix;
    const file = await files.open(temporary, 'create');
    let isWhole = false;
    try {
      isWhole = await this.#fill(file);
    } finally {
      await file.close();
      if (!isWhole) await files.remove(temporary);
    }
    if (!isWhole) return;
    await files.rename(temporary, path);
    await files.syncFolder(folder);
    this.#add(next);
  }

  /** Writes and syncs zeroes; false where the log was closed meanwhile. */
  async #fill(file: WalFile): Promise<boolean> {
    const { segmentBytes } = this.#settings;
    const zeroes = Buffer.alloc(Math.min(fillChunkBytes, segmentBytes));
    for (let at = 0; at < segmentBytes; at += zeroes.length) {
      if (this.#closing) return false;
      await writeAt(file, zeroes.subarray(0, Math.min(zeroes.length, segmentBytes - at)), at);
      if ((at + zeroes.length) % backgroundSyncBytes === 0) await syncData(file);
    }
    await syncData(file);
    return true;
  }

  #add(number: number): void {
    this.#highest = number;
    this.#spares.push(number);
  }
}
