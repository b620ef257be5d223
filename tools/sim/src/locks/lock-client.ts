/**
 * One client: opens a session, takes and gives back locks, repeats what got no answer with the same
 * sequence on the next connection, cancels, crashes, and writes down what it saw. It does what
 * libs/clients/lock-client promises, but in virtual time and with less patience.
 */
import { type Random, required } from '@windlass/base';
import type { StreamEnd } from '@windlass/lock-replica';
import {
  acquire,
  cancel,
  close,
  LockCode,
  LockMode,
  type Operation,
  OperationKind,
  type OperationResult,
  release,
  type SessionResponseFrame,
  waitForever,
} from '@windlass/lock-wire';
import { Host } from '../world/host.ts';
import type { World } from '../world/world.ts';
import {
  type ClientSession,
  deadlineOf,
  type Hold,
  newSession,
  type Pending,
} from './client-session.ts';
import type { Connections } from './connections.ts';
import type { History } from './history.ts';
import type { Belief } from './lock-checker.ts';
import { driftMax } from './lock-node.ts';
import { inputOf, outputOf } from './outputs.ts';

const tickMs = 25;
/** Without a word for so long, the client tries another node. */
const patienceMs = 600;
const semaphoreLimit = 2;

/** The mode that a key is used with. */
export const keys = ['exclusive', 'mixed', 'semaphore'] as const;

type Stream = {
  readonly id: number;
  frame: number;
  /** By the client's clock: when each frame was sent. */
  readonly sentMs: Map<number, number>;
  heardMs: number;
  isReady: boolean;
};

export class LockClient {
  readonly name: string;
  readonly endpoint: number;
  readonly host: Host;
  completed = 0;
  /** It only gives back what it has. */
  isStopping = false;
  readonly #world: World;
  readonly #connections: Connections;
  readonly #history: History;
  readonly #random: Random;
  readonly #nodes: readonly number[];
  readonly #ttlMs: number;
  /** Chance of each tick that the process dies. */
  readonly #crashRate: number;
  #session: ClientSession | null = null;
  #stream: Stream | null = null;
  #target: number;
  #lastToken = 0;

  constructor(parts: {
    readonly endpoint: number;
    readonly world: World;
    readonly connections: Connections;
    readonly history: History;
    readonly nodes: readonly number[];
  }) {
    const { endpoint, world } = parts;
    this.endpoint = endpoint;
    this.name = `client ${endpoint}`;
    this.#world = world;
    this.#connections = parts.connections;
    this.#history = parts.history;
    this.#nodes = parts.nodes;
    this.#random = world.random.child(this.name);
    this.host = new Host(world.scheduler, this.#random.child('host'), driftMax);
    this.#ttlMs = this.#random.pick([1_000, 2_000, 4_000]);
    this.#crashRate = this.#random.pick([0, 0.0005, 0.003]);
    this.#target = this.#random.pick(parts.nodes);
  }

  start(): void {
    this.host.start();
    this.#tick();
  }

  /** The process ends without a word, and another one begins. */
  crash(): void {
    this.#world.trace.add(this.name, 'crashes');
    // The process, or the machine with all that it would have said.
    this.#forgetSession(this.#random.chance(0.5));
    this.host.crash();
    this.start();
  }

  get beliefs(): readonly Belief[] {
    const session = this.#session;
    if (session === null || this.host.clockMs >= session.deadlineMs) return [];
    return session.holds
      .filter((hold) => !hold.isGivenUp)
      .map(({ key, mode, token }) => {
        return { client: this.name, session: session.id, key, token, mode };
      });
  }

  /** How the session, if it is this client's, wants the lock that it waits for. */
  wantedMode(session: number, key: string): LockMode | null {
    const operation = this.#session?.id === session ? this.#session.pending?.operation : undefined;
    return operation?.key === key ? operation.mode : null;
  }

  /** What is under way at the end of the run. */
  end(): void {
    this.#forgetSession();
  }

  #tick(): void {
    this.host.after(tickMs, () => {
      if (!this.isStopping && this.#random.chance(this.#crashRate)) {
        this.crash();
        return;
      }
      this.#tick();
      this.#live();
    });
  }

  #live(): void {
    const { clockMs } = this.host;
    const session = this.#session;
    if (session !== null && clockMs >= session.deadlineMs) {
      for (const hold of session.holds) hold.isGivenUp = true;
    }
    const stream = this.#stream;
    if (stream === null) {
      if (session !== null || !this.isStopping) this.#connect();
      return;
    }
    const sentMs = stream.sentMs.get(stream.frame) ?? clockMs;
    if (sentMs > stream.heardMs && clockMs - sentMs > patienceMs) {
      this.#giveUpStream();
      return;
    }
    if (!stream.isReady || session === null) return;
    if (clockMs - sentMs > session.ttlMs / 5) this.#send(stream, session, []);
    if (session.pending !== null) this.#mayCancel(stream, session, session.pending);
    else if (this.#random.chance(this.isStopping ? 1 : 0.4)) this.#act(stream, session);
    if (this.#random.chance(0.02)) this.#read();
  }

  #connect(): void {
    const { clockMs } = this.host;
    const id = this.#connections.open(this.#target, {
      endpoint: this.endpoint,
      frame: (frame) => this.host.run(() => this.#heard(id, frame)),
      ended: (end) => this.host.run(() => this.#ended(id, end)),
    });
    const stream: Stream = {
      id,
      frame: 1,
      sentMs: new Map([[1, clockMs]]),
      heardMs: clockMs - 1,
      isReady: false,
    };
    this.#stream = stream;
    const sessionId = this.#session?.id ?? 0;
    const hello = { sessionId, ttlMs: this.#ttlMs, clientName: this.name };
    this.#connections.send(id, { hello, operations: [], acknowledgedSequence: 0, frame: 1 });
  }

  #giveUpStream(): void {
    if (this.#stream !== null) this.#connections.close(this.#stream.id);
    this.#stream = null;
    this.#target = this.#random.pick(this.#nodes);
  }

  #ended(id: number, end: StreamEnd | null): void {
    if (this.#stream?.id !== id) return;
    this.#stream = null;
    const node = Number(end?.leaderAddress.split('-')[1] ?? 0);
    this.#target = this.#nodes.includes(node) ? node : this.#random.pick(this.#nodes);
    if (end?.code === LockCode.SessionExpired) this.#forgetSession();
  }

  #heard(id: number, frame: SessionResponseFrame): void {
    const stream = this.#stream;
    if (stream?.id !== id) return;
    stream.heardMs = this.host.clockMs;
    const { renewedFrame, results, revocations, welcome } = frame;
    if (welcome !== null) {
      stream.isReady = true;
      if (this.#session === null) {
        const sentMs = required(stream.sentMs.get(1), 'the first frame');
        this.#session = newSession(welcome.sessionId, welcome.ttlMs, sentMs);
        this.#tellDeadline(this.#session);
      }
      this.#repeat(stream, this.#session);
    }
    const session = this.#session;
    if (session === null) return;
    const renewedMs = stream.sentMs.get(renewedFrame);
    if (renewedMs !== undefined) {
      session.deadlineMs = Math.max(session.deadlineMs, deadlineOf(renewedMs, session.ttlMs));
      this.#tellDeadline(session);
    }
    for (const { token } of revocations) removeHold(session, token);
    for (const result of results) this.#result(session, result);
  }

  /** After a new connection: the same sequences once more. */
  #repeat(stream: Stream, session: ClientSession): void {
    const again = [session.pending, session.cancel].filter((each) => each !== null);
    for (const each of again) each.sends += 1;
    if (again.length > 0) {
      this.#send(
        stream,
        session,
        again.map(({ operation }) => operation),
      );
    }
  }

  #send(stream: Stream, session: ClientSession, operations: readonly Operation[]): void {
    stream.frame += 1;
    stream.sentMs.set(stream.frame, this.host.clockMs);
    this.#connections.send(stream.id, {
      hello: null,
      operations,
      acknowledgedSequence: session.acknowledged,
      frame: stream.frame,
    });
  }

  #act(stream: Stream, session: ClientSession): void {
    const random = this.#random;
    const hold = session.holds[0];
    const key = random.pick(keys);
    if (hold !== undefined && (this.isStopping || hold.isGivenUp || random.chance(0.6))) {
      const { token } = hold;
      hold.isGivenUp = true;
      this.#perform(stream, session, (sequence) => release({ sequence, key: hold.key, token }));
    } else if (this.isStopping || random.chance(0.01)) {
      for (const each of session.holds) each.isGivenUp = true;
      this.#perform(stream, session, (sequence) => close({ sequence }));
    } else {
      const waits = hold === undefined ? [0, 300, 2_000, waitForever] : [0, 0, 300, 2_000];
      const waitMs = random.pick(waits);
      const limits = key === 'semaphore' ? { permits: 1, limit: semaphoreLimit } : {};
      const mode = modeFor(key, random);
      this.#perform(stream, session, (sequence) =>
        acquire({ sequence, key, mode, waitMs, ...limits }),
      );
    }
  }

  #perform(stream: Stream, session: ClientSession, make: (sequence: number) => Operation): Pending {
    const operation = make(session.nextSequence);
    session.nextSequence += 1;
    const key = operation.key;
    const record = this.#history.begin(this.name, key, inputOf(session.id, operation));
    const pending = { operation, record, sends: 1, isQueued: false };
    session.pending ??= pending;
    this.#send(stream, session, [operation]);
    return pending;
  }

  #mayCancel(stream: Stream, session: ClientSession, pending: Pending): void {
    if (!pending.isQueued || session.cancel !== null) return;
    if (!this.#random.chance(this.isStopping ? 0.5 : 0.02)) return;
    const { key, sequence } = pending.operation;
    session.cancel = this.#perform(stream, session, (own) => ({
      ...cancel({ sequence: own, acquireSequence: sequence }),
      key,
    }));
  }

  #result(session: ClientSession, result: OperationResult): void {
    const { cancel: cancelling, pending } = session;
    if (pending?.operation.sequence === result.sequence) {
      if (result.code === LockCode.Queued) {
        pending.isQueued = true;
        return;
      }
      session.pending = null;
      this.#complete(session, pending, result);
    } else if (cancelling?.operation.sequence === result.sequence) {
      session.cancel = null;
      this.#complete(session, cancelling, result);
      // What was granted meanwhile is given back.
      const cancelled = cancelling.operation.token;
      if (session.pending?.operation.sequence === cancelled) {
        this.#history.unknown(session.pending.record);
        session.pending = null;
      }
    } else return;
    if (session.pending === null && session.cancel === null) {
      session.acknowledged = session.nextSequence - 1;
    }
    if (result.code === LockCode.SessionExpired) this.#forgetSession();
  }

  #complete(
    session: ClientSession,
    { operation, record, sends }: Pending,
    result: OperationResult,
  ) {
    const output = outputOf(operation, result, sends);
    if (output === null) this.#history.unknown(record);
    else this.#history.returned(record, output);
    this.completed += 1;
    if (operation.kind === OperationKind.Close && output?.kind === 'done') {
      this.#forgetSession();
    } else if (output?.kind === 'granted') {
      this.#lastToken = output.token;
      this.#granted(session, operation, output.token);
    } else if (output?.kind === 'released' && output.holdCount > 0) {
      const hold = session.holds.find(({ token }) => token === operation.token);
      if (hold === undefined) return;
      hold.count = output.holdCount;
    } else if (operation.kind === OperationKind.Release) removeHold(session, operation.token);
  }

  #granted(session: ClientSession, operation: Operation, token: number): void {
    const { key, mode, sequence } = operation;
    const isCancelled = session.cancel?.operation.token === sequence;
    const known = session.holds.find((hold) => hold.token === token);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    // Without a deadline ahead, a grant isn't relied on.
    const isLate = this.host.clockMs >= session.deadlineMs;
    const hold: Hold = { key, token, mode, count: 1, isGivenUp: isCancelled || isLate };
    session.holds.push(hold);
  }

  #read(): void {
    const random = this.#random;
    const key = random.pick(keys);
    const node = this.#target;
    if (random.chance(0.5)) {
      const record = this.#history.begin(this.name, key, { kind: 'get' });
      this.#connections.call(this.endpoint, node, { kind: 'get', key }, (answer) => {
        if (answer.kind !== 'lock') return;
        const holders = (answer.lock?.holders ?? []).map(({ holdCount, sessionId, token }) => {
          return { session: sessionId, token, holdCount };
        });
        this.#history.returned(record, { kind: 'holders', holders });
      });
      return;
    }
    const hold = this.#session?.holds[0];
    const token = hold?.token ?? this.#lastToken;
    const of = hold?.key ?? key;
    const record = this.#history.begin(this.name, of, { kind: 'validate', token });
    this.#connections.call(this.endpoint, node, { kind: 'validate', key: of, token }, (answer) => {
      if (answer.kind !== 'validity') return;
      this.#history.returned(record, { kind: 'validity', valid: answer.valid });
    });
  }

  #tellDeadline(session: ClientSession): void {
    const leftMs = this.host.trueMs(session.deadlineMs - this.host.clockMs);
    this.#history.deadline(session.id, this.#world.scheduler.nowMs + leftMs);
  }

  #forgetSession(isLost = false): void {
    const session = this.#session;
    this.#session = null;
    if (this.#stream !== null) this.#connections.close(this.#stream.id, isLost);
    this.#stream = null;
    for (const pending of [session?.pending, session?.cancel]) {
      if (pending !== undefined && pending !== null) this.#history.unknown(pending.record);
    }
  }
}

function removeHold(session: ClientSession, token: number): void {
  const place = session.holds.findIndex((hold) => hold.token === token);
  if (place !== -1) session.holds.splice(place, 1);
}

function modeFor(key: (typeof keys)[number], random: Random): LockMode {
  if (key === 'semaphore') return LockMode.Semaphore;
  if (key === 'exclusive') return LockMode.Exclusive;
  return random.chance(0.7) ? LockMode.Shared : LockMode.Exclusive;
}
