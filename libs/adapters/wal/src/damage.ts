/**
 * Why a folder can't be opened, and how a log that is open ends. Damage is found while opening (a
 * value of openWal) or while a snapshot is read (thrown by its chunks); a failed write or sync is a
 * WalFailedError, for good.
 */

export const WalDamageKind = {
  /** Another process, or this one, has the folder open. Nothing is damaged. */
  InUse: 'in-use',
  /** Written by a newer version of this library. Nothing is damaged. */
  NewerVersion: 'newer-version',
  /** A record that was known to be durable doesn't have its checksum any more, or is gone. */
  DamagedRecord: 'damaged-record',
  /** The header of a segment that was in use. */
  DamagedSegment: 'damaged-segment',
  MissingSegment: 'missing-segment',
  /** A segment under the name of another one: a copy, or a renamed file. */
  MisplacedSegment: 'misplaced-segment',
  /** A file shorter or longer than it was made. */
  WrongSize: 'wrong-size',
  /** A file of another node's folder. */
  ForeignFile: 'foreign-file',
  DamagedSnapshot: 'damaged-snapshot',
  /** The log doesn't begin where any snapshot ends. */
  MissingSnapshot: 'missing-snapshot',
  DamagedIdentity: 'damaged-identity',
  MissingIdentity: 'missing-identity',
  DamagedMark: 'damaged-mark',
  MissingMark: 'missing-mark',
  /** All checksums hold, but what is written contradicts itself. */
  Inconsistent: 'inconsistent',
  /** The disk refuses to read (EIO). */
  Unreadable: 'unreadable',
} as const;
export type WalDamageKind = (typeof WalDamageKind)[keyof typeof WalDamageKind];

export type WalDamage = {
  readonly kind: WalDamageKind;
  /** Name of the file within the folder. */
  readonly file: string;
  /** Bytes from the start of the file to what is wrong. */
  readonly offset: number;
  /** What is wrong. */
  readonly message: string;
  /** What the operator should do. */
  readonly advice: string;
};

const rejoin =
  'Stop this node, keep a copy of its data folder if you want to look into it, empty the folder and ' +
  'start the node again: it joins the cluster as a new member. Do this on one node at a time, and ' +
  'only while a majority of the others is healthy.';

export function damageOf(
  kind: WalDamageKind,
  file: string,
  offset: number,
  message: string,
): WalDamage {
  return { kind, file, offset, message, advice: adviceFor(kind) };
}

/** Thrown inside this library, and by the chunks of a snapshot that was changed since the opening. */
export class WalDamagedError extends Error {
  override readonly name = 'WalDamagedError';
  readonly damage: WalDamage;

  constructor(damage: WalDamage) {
    super(`${damage.file} at ${damage.offset}: ${damage.message}. ${damage.advice}`);
    this.damage = damage;
  }
}

export function damaged(
  kind: WalDamageKind,
  file: string,
  offset: number,
  message: string,
): WalDamagedError {
  return new WalDamagedError(damageOf(kind, file, offset, message));
}

/** A write or sync failed: what is on the disk is unknown from here on, so nothing is tried again. */
export class WalFailedError extends Error {
  override readonly name = 'WalFailedError';

  constructor(cause: unknown) {
    super(`the log can't be written: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** One for each open log: the first failure is the answer to everything that follows. */
export class FailureLatch {
  #error: WalFailedError | null = null;
  readonly #onFailure: (error: WalFailedError) => void;

  constructor(onFailure: (error: WalFailedError) => void) {
    this.#onFailure = onFailure;
  }

  get error(): WalFailedError | null {
    return this.#error;
  }

  fail(cause: unknown): WalFailedError {
    if (this.#error === null) {
      this.#error = cause instanceof WalFailedError ? cause : new WalFailedError(cause);
      this.#onFailure(this.#error);
    }
    return this.#error;
  }

  /** Throws the failure, if there was one. */
  check(): void {
    if (this.#error !== null) throw this.#error;
  }

  /** Does it, and takes whatever it throws as final. */
  async guard<Value>(work: () => Promise<Value>): Promise<Value> {
    this.check();
    try {
      return await work();
    } catch (error) {
      throw this.fail(error);
    }
  }
}

function adviceFor(kind: WalDamageKind): string {
  switch (kind) {
    case WalDamageKind.InUse:
      return 'Stop the other process; a folder belongs to one node.';
    case WalDamageKind.NewerVersion:
      return 'Run the version that wrote it, or a newer one.';
    case WalDamageKind.ForeignFile:
    case WalDamageKind.MisplacedSegment:
      return `Somebody copied or renamed files here; if they can't be put back as they were: ${rejoin}`;
    default:
      return rejoin;
  }
}
