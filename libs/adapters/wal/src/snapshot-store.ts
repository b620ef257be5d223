/**
 * The snapshots of a folder: the newest and the one before it, and at most one that a leader sent
 * and the log doesn't speak of yet. A file has its name only once it is whole and durable.
 *
 * Next: snapshot-file.ts.
 */
import { assert } from '@windlass/base';
import type { SnapshotDescription } from '@windlass/raft';
import type { FailureLatch } from './damage.ts';
import { temporarySuffix, type WalFiles } from './files.ts';
import { snapshotsKept } from './limits.ts';
import { receivedSuffix, snapshotName } from './names.ts';
import { readSnapshotFrames, readSnapshotHeader, writeSnapshotFile } from './snapshot-file.ts';
import type { SavedSnapshot } from './types.ts';

export type StoredSnapshot = {
  readonly name: string;
  readonly description: SnapshotDescription;
  readonly stateBytes: number;
};

export type StoreSettings = {
  readonly files: WalFiles;
  readonly folder: string;
  readonly logId: Buffer;
  readonly latch: FailureLatch;
};

export class SnapshotStore {
  readonly #settings: StoreSettings;
  /** Ascending by index. */
  readonly #saved: StoredSnapshot[];
  #received: StoredSnapshot | null = null;
  #isSaving = false;
  #isReceiving = false;
  #isClosed = false;
  /** The last steps of a save, which close() waits for; never rejects. */
  #publishing: Promise<unknown> = Promise.resolve();

  constructor(settings: StoreSettings, saved: readonly StoredSnapshot[]) {
    this.#settings = settings;
    this.#saved = [...saved];
  }

  get newestIndex(): number {
    return this.#saved.at(-1)?.description.index ?? 0;
  }

  newest(): SavedSnapshot | null {
    const snapshot = this.#saved.at(-1);
    if (snapshot === undefined) return null;
    const { description, stateBytes } = snapshot;
    return { description, stateBytes, chunks: storedPieces(this.#settings, snapshot.name) };
  }

  async save(description: SnapshotDescription, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.#settings.latch.check();
    assert(!this.#isSaving, 'one snapshot is saved at a time');
    assert(description.index > this.newestIndex, 'a snapshot is newer than those before');
    this.#isSaving = true;
    try {
      const name = snapshotName(description.index, description.term);
      const stateBytes = await this.#write(name + temporarySuffix, description, chunks);
      const publish = this.#publish({ name, description, stateBytes });
      this.#publishing = publish.catch(() => null);
      await publish;
    } finally {
      this.#isSaving = false;
    }
  }

  async receive(
    description: SnapshotDescription,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    assert(!this.#isReceiving, 'one snapshot is received at a time');
    this.#isReceiving = true;
    const { files, folder, latch } = this.#settings;
    try {
      await this.#forgetReceived();
      const name = snapshotName(description.index, description.term) + receivedSuffix;
      const stateBytes = await this.#write(name, description, chunks);
      await latch.guard(() => files.syncFolder(folder));
      this.#received = { name, description, stateBytes };
    } finally {
      this.#isReceiving = false;
    }
  }

  hasReceived(description: SnapshotDescription): boolean {
    const received = this.#received?.description;
    return received?.index === description.index && received.term === description.term;
  }

  /** The log says that the received snapshot counts: it takes the place of all others. */
  async adoptReceived(): Promise<void> {
    const received = this.#received;
    assert(received !== null, 'a snapshot was received');
    const { files, folder } = this.#settings;
    const name = received.name.slice(0, -receivedSuffix.length);
    await files.rename(`${folder}/${received.name}`, `${folder}/${name}`);
    await files.syncFolder(folder);
    this.#received = null;
    const older = this.#saved.splice(0, this.#saved.length, { ...received, name });
    for (const each of older) await files.remove(`${folder}/${each.name}`);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#publishing;
  }

  async #forgetReceived(): Promise<void> {
    const received = this.#received;
    if (received === null) return;
    this.#received = null;
    const { files, folder, latch } = this.#settings;
    await latch.guard(() => files.remove(`${folder}/${received.name}`));
  }

  /** Writes a file whole and durably. Only a failure of the disk is final, not one of the source. */
  async #write(
    name: string,
    description: SnapshotDescription,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<number> {
    const { files, folder, logId, latch } = this.#settings;
    latch.check();
    const source = new WatchedSource(chunks, () => {
      assert(!this.#isClosed, 'the log is open while a snapshot is written');
      latch.check();
    });
    const path = `${folder}/${name}`;
    try {
      const file = await files.open(path, 'create');
      try {
        return await writeSnapshotFile(file, logId, description, source.pieces());
      } finally {
        await file.close();
      }
    } catch (error) {
      if (!source.failed) throw latch.fail(error);
      await files.remove(path);
      throw error;
    }
  }

  async #publish(snapshot: StoredSnapshot): Promise<void> {
    const { files, folder, latch } = this.#settings;
    assert(!this.#isClosed, 'the log is open while a snapshot is saved');
    await latch.guard(async () => {
      const temporary = `${folder}/${snapshot.name}${temporarySuffix}`;
      if (snapshot.description.index <= this.newestIndex) {
        // A snapshot of the leader was installed meanwhile: this one is of a log that is gone.
        await files.remove(temporary);
        return;
      }
      await files.rename(temporary, `${folder}/${snapshot.name}`);
      await files.syncFolder(folder);
      this.#saved.push(snapshot);
      const superfluous = this.#saved.splice(0, Math.max(0, this.#saved.length - snapshotsKept));
      for (const each of superfluous) await files.remove(`${folder}/${each.name}`);
    });
  }
}

/** Tells an error of the source from one of the disk that it is written to. */
class WatchedSource {
  failed = false;
  readonly #chunks: AsyncIterable<Uint8Array>;
  readonly #check: () => void;

  constructor(chunks: AsyncIterable<Uint8Array>, check: () => void) {
    this.#chunks = chunks;
    this.#check = check;
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    let isAsking = true;
    try {
      for await (const chunk of this.#chunks) {
        this.#check();
        isAsking = false;
        yield chunk;
        isAsking = true;
      }
    } catch (error) {
      this.failed = isAsking;
      throw error;
    }
  }
}

/** The pieces of a file, opened anew each time they are read. */
export function storedPieces(
  settings: Pick<StoreSettings, 'files' | 'folder' | 'logId'>,
  name: string,
): AsyncIterable<Uint8Array> {
  const { files, folder, logId } = settings;
  return {
    async *[Symbol.asyncIterator]() {
      const file = await files.open(`${folder}/${name}`, 'read');
      try {
        const { framesAt, checksum } = await readSnapshotHeader(file, logId, name);
        yield* readSnapshotFrames(file, name, framesAt, checksum);
      } finally {
        await file.close();
      }
    },
  };
}
