/**
 * A disk in memory that forgets what wasn't synced. It records every operation, so that a test can
 * go back to each of them and see what a crash there would have left.
 *
 * A crash of the process keeps what was written, but may cut the last write short. A power cut keeps
 * of what wasn't synced any sectors of any writes, and any changes of names.
 */
import { basename, dirname } from 'node:path';
import { assert, type Random, required } from '@windlass/base';
import type { OpenMode, WalFile, WalFiles } from '../files.ts';

const sectorBytes = 512;

export type DiskOperation =
  | { readonly kind: 'create'; readonly path: string; readonly file: number }
  | { readonly kind: 'truncate'; readonly file: number }
  | { readonly kind: 'write'; readonly file: number; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'sync'; readonly file: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'sync-folder' }
  /** Nothing happens; tells a test where it stands. */
  | { readonly kind: 'note'; readonly note: number };

export type CrashKind = 'process' | 'torn-write' | 'nothing-unsynced' | 'power-cut';

type FileState = { contents: Buffer; synced: Buffer; unsynced: DiskOperation[] };

/** Throws in place of an operation, or lets it be. Gets its number among all operations. */
export type FaultHook = (kind: DiskOperation['kind'], path: string, count: number) => void;

export class MemoryDisk {
  readonly journal: DiskOperation[] = [];
  fault: FaultHook = () => {};
  /** Bytes that all files together may have. */
  capacityBytes = Number.POSITIVE_INFINITY;
  readonly #files: FileState[] = [];
  #names = new Map<string, number>();
  #syncedNames = new Map<string, number>();
  #unsyncedNames: DiskOperation[] = [];
  #isLocked = false;
  #count = 0;

  /** As WalFiles of this disk. */
  files(): WalFiles {
    return {
      open: async (path, mode) => this.#open(path, mode),
      rename: async (from, to) => this.#do({ kind: 'rename', from, to }, from),
      remove: async (path) => {
        if (this.#names.has(path)) this.#do({ kind: 'remove', path }, path);
      },
      list: async (folder) =>
        [...this.#names.keys()]
          .filter((path) => dirname(path) === folder)
          .map((path) => basename(path))
          .sort(),
      makeFolder: async () => {},
      syncFolder: async (folder) => this.#do({ kind: 'sync-folder' }, folder),
      lock: () => {
        if (this.#isLocked) return null;
        this.#isLocked = true;
        return () => {
          this.#isLocked = false;
        };
      },
    };
  }

  note(note: number): void {
    this.journal.push({ kind: 'note', note });
  }

  /** Contents as the process sees them. */
  read(path: string): Buffer {
    return Buffer.from(this.#file(required(this.#names.get(path), path)).contents);
  }

  paths(): string[] {
    return [...this.#names.keys()].sort();
  }

  /** Changes a file behind everybody's back, durably. */
  overwrite(path: string, contents: Buffer): void {
    const file = this.#file(required(this.#names.get(path), path));
    file.contents = Buffer.from(contents);
    file.synced = Buffer.from(contents);
    file.unsynced = [];
  }

  removeFile(path: string): void {
    this.#names.delete(path);
    this.#syncedNames.delete(path);
  }

  /** Puts a file there, durably. */
  add(path: string, contents: Buffer): void {
    const number = this.#files.length;
    this.#files.push({ contents: Buffer.alloc(0), synced: Buffer.alloc(0), unsynced: [] });
    this.#names.set(path, number);
    this.#syncedNames.set(path, number);
    this.overwrite(path, contents);
  }

  apply(operation: DiskOperation): void {
    switch (operation.kind) {
      case 'create':
        this.#files[operation.file] = {
          contents: Buffer.alloc(0),
          synced: Buffer.alloc(0),
          unsynced: [],
        };
        this.#rename(operation);
        break;
      case 'rename':
      case 'remove':
        this.#rename(operation);
        break;
      case 'sync-folder':
        this.#syncedNames = new Map(this.#names);
        this.#unsyncedNames = [];
        break;
      case 'write':
      case 'truncate': {
        const file = this.#file(operation.file);
        file.contents = changed(file.contents, operation);
        file.unsynced.push(operation);
        break;
      }
      case 'sync': {
        const file = this.#file(operation.file);
        file.synced = file.unsynced.reduce(changed, file.synced);
        file.unsynced = [];
        break;
      }
      default:
        break;
    }
  }

  /** The disk that the next process finds. */
  crashed(kind: CrashKind, random: Random): MemoryDisk {
    const next = new MemoryDisk();
    const keepsNames = kind === 'process' || kind === 'torn-write';
    const names = keepsNames ? this.#names : new Map(this.#syncedNames);
    if (kind === 'power-cut') {
      for (const operation of this.#unsyncedNames) {
        if (random.chance(0.5)) renamed(names, operation);
      }
    }
    for (const [path, number] of names) next.add(path, this.#left(number, kind, random));
    return next;
  }

  #left(number: number, kind: CrashKind, random: Random): Buffer {
    const file = this.#file(number);
    const last = this.journal.at(-1);
    if (kind === 'process') return file.contents;
    if (kind === 'nothing-unsynced') return file.synced;
    if (kind === 'torn-write') {
      if (last?.kind !== 'write' || last.file !== number) return file.contents;
      const kept = last.bytes.subarray(0, random.integer(0, last.bytes.length));
      const before = file.unsynced.slice(0, -1).reduce(changed, file.synced);
      return changed(before, { ...last, bytes: kept });
    }
    return file.unsynced.reduce(
      (contents, write) => (write.kind === 'write' ? torn(contents, write, random) : contents),
      file.synced,
    );
  }

  #file(number: number): FileState {
    return required(this.#files[number], `file ${number}`);
  }

  #rename(operation: DiskOperation): void {
    renamed(this.#names, operation);
    this.#unsyncedNames.push(operation);
  }

  #do(operation: DiskOperation, path: string): void {
    this.#count += 1;
    this.fault(operation.kind, path, this.#count);
    this.journal.push(operation);
    this.apply(operation);
  }

  #open(path: string, mode: OpenMode): WalFile {
    let number = this.#names.get(path);
    if (number === undefined) {
      if (mode !== 'create') throw systemError('ENOENT', path);
      number = this.#files.length;
      this.#do({ kind: 'create', path, file: number }, path);
    } else if (mode === 'create') this.#do({ kind: 'truncate', file: number }, path);
    const file = number;
    return {
      write: (bytes, start, length, at, done) => {
        const copy = Buffer.from(bytes.subarray(start, start + length));
        later(done, () => {
          this.#checkRoom(file, at + length, path);
          this.#do({ kind: 'write', file, at, bytes: copy }, path);
          return length;
        });
      },
      dataSync: (done) => later(done, () => this.#do({ kind: 'sync', file }, path)),
      read: async (into, position) => {
        const { contents } = this.#file(file);
        return contents.copy(into, 0, position, Math.min(contents.length, position + into.length));
      },
      sizeBytes: async () => this.#file(file).contents.length,
      close: async () => {},
    };
  }

  #checkRoom(number: number, endBytes: number, path: string): void {
    const used = [...this.#names.values()].reduce(
      (sum, each) => sum + this.#file(each).contents.length,
      0,
    );
    const grown = Math.max(0, endBytes - this.#file(number).contents.length);
    if (used + grown > this.capacityBytes) throw systemError('ENOSPC', path);
  }
}

export function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

function later<Value>(
  done: ((error: Error | null, value: Value) => void) | ((error: Error | null) => void),
  work: () => Value,
): void {
  queueMicrotask(() => {
    let value: Value;
    try {
      value = work();
    } catch (error) {
      assert(error instanceof Error, 'faults are errors');
      (done as (error: Error | null) => void)(error);
      return;
    }
    done(null, value);
  });
}

function changed(contents: Buffer, operation: DiskOperation): Buffer {
  if (operation.kind === 'truncate') return Buffer.alloc(0);
  if (operation.kind !== 'write') return contents;
  const end = operation.at + operation.bytes.length;
  const next = Buffer.alloc(Math.max(contents.length, end));
  contents.copy(next);
  operation.bytes.copy(next, operation.at);
  return next;
}

/** A write of which any sectors reached the disk. */
function torn(
  contents: Buffer,
  write: Extract<DiskOperation, { kind: 'write' }>,
  random: Random,
): Buffer {
  let next = contents;
  const keeps = random.pick([0.1, 0.5, 0.9]);
  for (let from = 0; from < write.bytes.length; ) {
    const at = write.at + from;
    const to = Math.min(write.bytes.length, from + sectorBytes - (at % sectorBytes));
    if (random.chance(keeps)) {
      next = changed(next, { ...write, at, bytes: write.bytes.subarray(from, to) });
    }
    from = to;
  }
  return next;
}

function renamed(names: Map<string, number>, operation: DiskOperation): void {
  if (operation.kind === 'create') names.set(operation.path, operation.file);
  if (operation.kind === 'remove') names.delete(operation.path);
  if (operation.kind !== 'rename') return;
  const file = names.get(operation.from);
  if (file === undefined) return;
  names.delete(operation.from);
  names.set(operation.to, file);
}
