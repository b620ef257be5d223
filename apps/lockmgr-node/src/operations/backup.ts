/**
 * Backups: the image of the state at one index, as the leader streams it, and how a new cluster
 * begins from it. A file is a mark, then the image; the image tells by itself whether it's whole.
 */
import type { ServerWritableStream } from '@grpc/grpc-js';
import { LockMachine } from '@windlass/lock-machine';
import { LockCode } from '@windlass/lock-wire';
import type { CallContext, LockCalls } from '../clients/lock-calls.ts';
import { unexpected } from '../clients/lock-messages.ts';
import { toGrpcError } from '../clients/service-error.ts';
import { LockFailure } from '../node/lock-failure.ts';

/** The first bytes of a backup of this format. */
export const backupMark = Buffer.from('WINDLASS LOCKS 1\n');

const pieceBytes = 64 * 1024;

/** An image that is held open keeps what changes as it was, and snapshots wait for it. */
const unreadMsMax = 30_000;

/** Streams the state as of a moment after the call. */
export async function sendBackup<Response>(
  calls: LockCalls,
  stream: ServerWritableStream<unknown, Response>,
  respond: (chunk: Uint8Array) => Response,
): Promise<void> {
  const gone = new AbortController();
  stream.once('cancelled', () => gone.abort());
  try {
    const context: CallContext = {
      signal: gone.signal,
      onCancelled: (listener) => gone.signal.addEventListener('abort', listener, { once: true }),
    };
    const answer = await calls.ask({ kind: 'barrier' }, context);
    if (answer.kind !== 'barrier') throw unexpected(answer);
    await calls.member().images.take(async ({ image }) => {
      stream.write(respond(backupMark));
      for (let piece = image.next(pieceBytes); piece !== null; piece = image.next(pieceBytes)) {
        if (gone.signal.aborted) return;
        if (!stream.write(respond(piece))) await drained(stream, gone.signal);
        else await new Promise<void>((resolve) => setImmediate(resolve));
      }
    });
    stream.end();
  } catch (error) {
    throw toGrpcError(error);
  }
}

/** The state in a backup. Throws what is wrong with it. */
export async function readBackup(chunks: AsyncIterable<Uint8Array>): Promise<LockMachine> {
  const restore = LockMachine.restore();
  let head = Buffer.alloc(0);
  let isMarked = false;
  for await (const chunk of chunks) {
    if (isMarked) {
      restore.push(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < backupMark.length) continue;
    if (!head.subarray(0, backupMark.length).equals(backupMark)) throw notABackup();
    isMarked = true;
    restore.push(head.subarray(backupMark.length));
  }
  if (!isMarked) throw notABackup();
  const restored = restore.finish();
  if (restored.ok) return restored.value;
  throw new LockFailure(LockCode.Invalid, `the backup is ${restored.error.kind}`);
}

function notABackup(): LockFailure {
  return new LockFailure(LockCode.Invalid, 'the file is no backup of the lock manager');
}

/** Rejects when the reader takes nothing for too long. */
function drained(stream: ServerWritableStream<unknown, unknown>, signal: AbortSignal) {
  return new Promise<void>((resolve, reject) => {
    const overdue = setTimeout(() => {
      reject(new LockFailure(LockCode.ResourceExhausted, 'unreadMsMax: the backup is not read'));
    }, unreadMsMax);
    const goOn = () => {
      clearTimeout(overdue);
      resolve();
    };
    stream.once('drain', goOn);
    signal.addEventListener('abort', goOn, { once: true });
  });
}
