/**
 * What the log needs of a file system, so that tests can put a disk behind it that fails, forgets
 * what wasn't synced and tears writes. The two calls of the hot path take callbacks: a promise and
 * its turn of the microtask queue for each of them costs more than they do.
 *
 * Next: wal.ts.
 */
import { close, constants, fdatasync, fstat, open, read, write, writeSync } from 'node:fs';
import { mkdir, open as openHandle, readdir, rename, rm } from 'node:fs/promises';
import { lockFile } from './folder-lock.ts';

export type WriteDone = (error: Error | null, written: number) => void;
export type SyncDone = (error: Error | null) => void;

export type WalFile = {
  /** Writes bytes[start, start + length) at the position; may write less, as pwrite(2). */
  readonly write: (
    bytes: Uint8Array,
    start: number,
    length: number,
    position: number,
    done: WriteDone,
  ) => void;
  /** As fdatasync(2): contents and size are durable. */
  readonly dataSync: (done: SyncDone) => void;
  /** Fills the bytes from the position on; less only at the end of the file. Gives the count. */
  readonly read: (into: Uint8Array, position: number) => Promise<number>;
  readonly sizeBytes: () => Promise<number>;
  readonly close: () => Promise<void>;
};

export type OpenMode = 'read' | 'write' | 'create';

export type WalFiles = {
  /** 'create' empties a file that exists. Rejects with the system's error. */
  readonly open: (path: string, mode: OpenMode) => Promise<WalFile>;
  /** Replaces the target. */
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  /** Names of the files in it, sorted. */
  readonly list: (folder: string) => Promise<readonly string[]>;
  /** With its parents; does nothing where it exists. */
  readonly makeFolder: (folder: string) => Promise<void>;
  /** Makes its names durable. */
  readonly syncFolder: (folder: string) => Promise<void>;
  /** Exclusive until released or until the process ends, however it ends; null: somebody has it. */
  readonly lock: (path: string) => (() => void) | null;
};

const flagsOf: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC,
};

/** Files are for this user only: locks' names may be secrets of their users. */
const fileMode = 0o600;
const folderMode = 0o700;

/**
 * A write of a batch is a copy into the page cache: some microseconds, where the way to a thread of
 * the pool and back costs a tenth of a millisecond. Only the sync waits for the disk.
 */
const writtenAtOnceBytesMax = 256 * 1024;

/** The file system of the machine. */
export const systemFiles: WalFiles = {
  open: (path, mode) =>
    new Promise((resolve, reject) => {
      open(path, flagsOf[mode], fileMode, (error, descriptor) => {
        if (error === null) resolve(systemFile(descriptor));
        else reject(error);
      });
    }),
  rename,
  remove: (path) => rm(path, { force: true }),
  list: async (folder) => (await readdir(folder)).sort(),
  makeFolder: async (folder) => {
    await mkdir(folder, { recursive: true, mode: folderMode });
  },
  syncFolder: async (folder) => {
    const handle = await openHandle(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  lock: lockFile,
};

function systemFile(descriptor: number): WalFile {
  const readOnce = (into: Uint8Array, start: number, position: number) =>
    new Promise<number>((resolve, reject) => {
      read(descriptor, into, start, into.length - start, position, (error, count) => {
        if (error === null) resolve(count);
        else reject(error);
      });
    });
  return {
    write: (bytes, start, length, position, done) => {
      if (length > writtenAtOnceBytesMax) {
        write(descriptor, bytes, start, length, position, done);
        return;
      }
      let written: number;
      try {
        written = writeSync(descriptor, bytes, start, length, position);
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)), 0);
        return;
      }
      done(null, written);
    },
    dataSync: (done) => fdatasync(descriptor, done),
    read: async (into, position) => {
      let filled = 0;
      while (filled < into.length) {
        const count = await readOnce(into, filled, position + filled);
        if (count === 0) break;
        filled += count;
      }
      return filled;
    },
    sizeBytes: () =>
      new Promise((resolve, reject) => {
        fstat(descriptor, (error, stats) => {
          if (error === null) resolve(stats.size);
          else reject(error);
        });
      }),
    close: () =>
      new Promise((resolve, reject) => {
        close(descriptor, (error) => {
          if (error === null || error === undefined) resolve();
          else reject(error);
        });
      }),
  };
}

/** Writes all of the bytes, in as many calls as it takes. */
export function writeAll(
  file: WalFile,
  bytes: Uint8Array,
  start: number,
  length: number,
  position: number,
  done: SyncDone,
): void {
  file.write(bytes, start, length, position, (error, written) => {
    if (error !== null) done(error);
    else if (written === length) done(null);
    else if (written === 0) done(new Error('a write wrote nothing'));
    else writeAll(file, bytes, start + written, length - written, position + written, done);
  });
}

export function writeAt(file: WalFile, bytes: Uint8Array, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    writeAll(file, bytes, 0, bytes.length, position, settle(resolve, reject));
  });
}

export function syncData(file: WalFile): Promise<void> {
  return new Promise((resolve, reject) => {
    file.dataSync(settle(resolve, reject));
  });
}

/** Writes a file whole under another name and puts it in place: there is all of it or nothing. */
export async function replaceFile(
  files: WalFiles,
  folder: string,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  const temporary = `${folder}/${name}${temporarySuffix}`;
  const file = await files.open(temporary, 'create');
  try {
    await writeAt(file, bytes, 0);
    await syncData(file);
  } finally {
    await file.close();
  }
  await files.rename(temporary, `${folder}/${name}`);
  await files.syncFolder(folder);
}

/** What carries it was being made when the process ended; it is removed by the next opening. */
export const temporarySuffix = '.tmp';

/** Reads a file whole. */
export async function readWhole(files: WalFiles, path: string): Promise<Buffer> {
  const file = await files.open(path, 'read');
  try {
    const bytes = Buffer.alloc(await file.sizeBytes());
    const count = await file.read(bytes, 0);
    return bytes.subarray(0, count);
  } finally {
    await file.close();
  }
}

function settle(resolve: () => void, reject: (error: Error) => void): SyncDone {
  return (error) => {
    if (error === null) resolve();
    else reject(error);
  };
}
