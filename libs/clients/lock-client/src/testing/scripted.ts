/** A client whose time and network the test plays: nothing happens until it says so. */
import { assert, required } from '@windlass/base';
import {
  decodeSessionRequest,
  encodeSessionRequest,
  LockCode,
  type OperationResult,
  type SessionRequestFrame,
  type SessionResponseFrame,
} from '@windlass/lock-wire';
import { assembleClient, type LockClient } from '../client.ts';
import type { LockClientOptions } from '../options.ts';
import type { StreamEnd } from '../session/stream-end.ts';
import type { StreamListener, Surroundings } from '../surroundings.ts';

export const ttlMs = 10_000;

export class ScriptedStream {
  readonly address: string;
  readonly frames: SessionRequestFrame[] = [];
  isCancelled = false;
  readonly #listener: StreamListener;

  constructor(address: string, listener: StreamListener) {
    this.address = address;
    this.#listener = listener;
  }

  get lastFrame(): SessionRequestFrame {
    return required(this.frames.at(-1), 'a frame');
  }

  /** What the node says. */
  reply(frame: Partial<SessionResponseFrame>): void {
    assert(!this.isCancelled, 'nobody listens to this stream any more');
    const empty = { welcome: null, results: [], renewedFrame: 0, revocations: [], redirect: null };
    this.#listener.frame({ ...empty, ...frame });
  }

  /** Opens or resumes the session and renews it. */
  welcome(sessionId = 7): void {
    const renewedFrame = this.lastFrame.frame;
    const welcome = { sessionId, ttlMs, lastSequence: 0, region: 'test' };
    this.reply({ welcome, renewedFrame });
  }

  /** Results; what isn't said is 0. Renews nothing. */
  answer(...results: readonly (Partial<OperationResult> & { readonly sequence: number })[]): void {
    this.reply({ results: results.map((result) => ({ ...emptyResult, ...result })) });
  }

  grant(sequence: number, token: number, more: Partial<OperationResult> = {}): void {
    this.answer({ sequence, token, lastExclusiveToken: token, holdCount: 1, ...more });
  }

  /** Acknowledges the newest frame. */
  renew(): void {
    this.reply({ renewedFrame: this.lastFrame.frame });
  }

  end(end: Partial<StreamEnd> = {}): void {
    assert(!this.isCancelled, 'nobody listens to this stream any more');
    this.isCancelled = true;
    const broken = { code: null, message: 'broken', leaderAddress: '', isRegular: false };
    this.#listener.ended({ ...broken, cause: undefined, ...end });
  }
}

const emptyResult: OperationResult = {
  sequence: 0,
  code: LockCode.Ok,
  token: 0,
  lastExclusiveToken: 0,
  holdCount: 0,
  position: 0,
  message: '',
};

type Timer = { readonly atMs: number; readonly run: () => void };

export class ScriptedWorld {
  nowMs = 1_000;
  readonly streams: ScriptedStream[] = [];
  readonly timers = new Set<Timer>();
  #endOfTurn: (() => void)[] = [];

  readonly surroundings: Surroundings = {
    nowMs: () => this.nowMs,
    random: { next: () => 0 },
    after: (delayMs, run) => {
      const timer = { atMs: this.nowMs + delayMs, run };
      this.timers.add(timer);
      return () => this.timers.delete(timer);
    },
    endOfTurn: (run) => {
      this.#endOfTurn.push(run);
    },
  };

  client(options: Partial<LockClientOptions> = {}): LockClient {
    const transport = {
      open: (address: string, listener: StreamListener) => {
        const stream = new ScriptedStream(address, listener);
        this.streams.push(stream);
        return {
          send: (frame: SessionRequestFrame) => {
            assert(!stream.isCancelled, 'a frame on a stream that was cancelled');
            // What arrives is what can be written and read.
            const decoded = decodeSessionRequest(encodeSessionRequest(frame));
            assert(decoded.ok, 'the frame can be read');
            stream.frames.push(decoded.value);
          },
          cancel: () => {
            stream.isCancelled = true;
          },
        };
      },
      call: () => Promise.reject(new Error('no calls in this test')),
      stream: () => {
        throw new Error('no streams in this test');
      },
      close: () => undefined,
    };
    const addresses = options.addresses ?? ['a:1', 'b:1', 'c:1'];
    return assembleClient({ ...options, addresses }, transport, this.surroundings);
  }

  /** The newest stream. */
  get stream(): ScriptedStream {
    return required(this.streams.at(-1), 'a stream');
  }

  /** Ends the turn of the event loop. */
  async turn(): Promise<void> {
    await settle();
    const due = this.#endOfTurn;
    this.#endOfTurn = [];
    for (const run of due) run();
    await settle();
  }

  /** Lets time pass, with the timers that become due. */
  async pass(durationMs: number): Promise<void> {
    const untilMs = this.nowMs + durationMs;
    for (;;) {
      await this.turn();
      const next = [...this.timers].toSorted((left, right) => left.atMs - right.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.timers.delete(next);
      next.run();
    }
    this.nowMs = untilMs;
    await this.turn();
  }

  /** The process stands still: time passes, and no timer fires. */
  freeze(durationMs: number): void {
    this.nowMs += durationMs;
  }

  /** A client with an open session, and its stream. */
  async opened(options: Partial<LockClientOptions> = {}): Promise<LockClient> {
    const client = this.client(options);
    const first = client.acquire('opening');
    await this.turn();
    this.stream.welcome();
    this.stream.grant(1, 1);
    const lock = await first;
    const released = lock.release();
    await this.turn();
    this.stream.answer({ sequence: 2 });
    this.stream.renew();
    await released;
    return client;
  }
}

/** Lets everything run that waits for nothing but promises. */
async function settle(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await Promise.resolve();
}

/** How a promise has ended so far. */
export function watched<Value>(promise: Promise<Value>): {
  readonly state: () => 'pending' | 'resolved' | 'rejected';
  readonly error: () => unknown;
} {
  let state: 'pending' | 'resolved' | 'rejected' = 'pending';
  let failure: unknown = null;
  const watch = async () => {
    try {
      await promise;
      state = 'resolved';
    } catch (error) {
      state = 'rejected';
      failure = error;
    }
  };
  void watch();
  return { state: () => state, error: () => failure };
}
