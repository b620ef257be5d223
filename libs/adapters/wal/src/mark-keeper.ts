/** Writes the mark after each batch, and makes it durable in the quiet. Format: mark-file.ts. */
import type { FailureLatch } from './damage.ts';
import { type SyncDone, syncData, type WalFile, writeAll } from './files.ts';
import { encodeMark, markSlotBytes } from './mark-file.ts';

export class MarkKeeper {
  readonly #file: WalFile;
  readonly #seed: number;
  readonly #syncDelayMs: number;
  readonly #latch: FailureLatch;
  readonly #slot = Buffer.alloc(markSlotBytes);
  #written = 0;
  #synced = 0;
  #timer: NodeJS.Timeout | null = null;
  #syncing: Promise<void> = Promise.resolve();
  #syncs = 0;

  constructor(file: WalFile, seed: number, syncDelayMs: number, latch: FailureLatch) {
    this.#file = file;
    this.#seed = seed;
    this.#syncDelayMs = syncDelayMs;
    this.#latch = latch;
  }

  get syncs(): number {
    return this.#syncs;
  }

  /** To be called when the record is durable and before anybody hears of it. */
  set(
    sequence: number,
    segment: number,
    endOffset: number,
    checksum: number,
    done: SyncDone,
  ): void {
    const at = encodeMark(this.#slot, { sequence, segment, endOffset, checksum }, this.#seed);
    writeAll(this.#file, this.#slot, 0, markSlotBytes, at, (error) => {
      if (error === null) {
        this.#written = sequence;
        this.#armTimer();
      }
      done(error);
    });
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#syncing;
    if (this.#latch.error === null) await this.#sync();
    await this.#file.close();
  }

  /** One timer for many batches: it looks whether the log has been quiet since it was set. */
  #armTimer(): void {
    if (this.#timer !== null) return;
    const before = this.#written;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#written === before) this.#syncing = this.#sync();
      else this.#armTimer();
    }, this.#syncDelayMs);
    this.#timer.unref();
  }

  /** Never rejects: a failure is the log's. */
  async #sync(): Promise<void> {
    const upTo = this.#written;
    if (upTo === this.#synced) return;
    try {
      await syncData(this.#file);
      this.#synced = upTo;
      this.#syncs += 1;
    } catch (error) {
      this.#latch.fail(error);
    }
  }
}
