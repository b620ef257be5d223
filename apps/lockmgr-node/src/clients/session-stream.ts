/**
 * The Session stream on its way between gRPC and the node: frames are decoded, checked and handed
 * in, and what the node says is encoded and written. One stream speaks for one session.
 */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { StreamEnd } from '@windlass/lock-replica';
import {
  decodeSessionRequest,
  encodeSessionResponse,
  LockCode,
  type SessionResponseFrame,
} from '@windlass/lock-wire';
import { LockFailure } from '../node/lock-failure.ts';
import type { LockNode } from '../node/lock-node.ts';
import type { RequestChecks } from './request-checks.ts';
import { toServiceError } from './service-error.ts';

/**
 * A client that doesn't read is let go when so much waits for it: some 100,000 results, far more
 * than a client that reads ever leaves.
 */
const unreadBytesMax = 8 * 1024 * 1024;

export type SessionStream = ServerDuplexStream<Buffer, Uint8Array>;

/** Serves one stream until either side ends it. */
export function serveSession(node: LockNode, checks: RequestChecks, call: SessionStream): void {
  let isOpen = true;

  const stream = node.connect({
    frame: (frame) => {
      if (isOpen) write(frame);
    },
    end: (end) => {
      if (isOpen) close(end);
    },
  });

  function write(frame: SessionResponseFrame): void {
    if (call.writableLength > unreadBytesMax) {
      refuse(new LockFailure(LockCode.ResourceExhausted, 'unreadBytesMax: answers are not read'));
      return;
    }
    call.write(encodeSessionResponse(frame));
  }

  function close(end: StreamEnd): void {
    isOpen = false;
    if (end.code === LockCode.NotLeader) {
      call.write(encodeSessionResponse({ ...emptyFrame, redirect: end.leaderAddress }));
      call.end();
      return;
    }
    if (end.code === LockCode.Ok) call.end();
    else fail(new LockFailure(end.code, end.message, end.leaderAddress));
  }

  function refuse(failure: LockFailure): void {
    isOpen = false;
    node.disconnect(stream);
    fail(failure);
  }

  function fail(failure: LockFailure): void {
    call.emit('error', toServiceError(failure));
  }

  function gone(): void {
    isOpen = false;
    node.disconnect(stream);
  }

  call.on('data', (bytes: Buffer) => {
    if (!isOpen) return;
    const decoded = decodeSessionRequest(bytes);
    if (!decoded.ok) {
      const { message, offset } = decoded.error;
      refuse(new LockFailure(LockCode.Invalid, `frame: ${message} at byte ${offset}`));
      return;
    }
    const problem = checks.frame(decoded.value);
    if (problem !== null) {
      refuse(new LockFailure(LockCode.Invalid, problem));
      return;
    }
    const { frame, refused } = checks.split(decoded.value);
    if (refused.length > 0) write({ ...emptyFrame, results: refused });
    node.frame(stream, frame);
  });
  call.on('end', () => {
    if (!isOpen) return;
    gone();
    call.end();
  });
  call.on('cancelled', gone);
  call.on('error', gone);
}

const emptyFrame: SessionResponseFrame = {
  welcome: null,
  results: [],
  renewedFrame: 0,
  revocations: [],
  redirect: null,
};
