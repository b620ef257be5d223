/**
 * A cluster of replicas for tests: messages arrive at once and in order, writes are durable at
 * once unless a node is told to hold them, and time passes when the test says so.
 */
import { seededRandom } from '@windlass/base';
import { defaultLimits, LockMachine } from '@windlass/lock-machine';
import { type Operation, type SessionRequestFrame, waitForever } from '@windlass/lock-wire';
import type { Configuration, Message } from '@windlass/raft';
import { LockReplica } from './lock-replica.ts';
import type { CallAnswer, CallRequest, ReplicaNotice, StreamEnd, StreamFrame } from './types.ts';

const tickMs = 10;

export class TestNode {
  readonly replica: LockReplica;
  readonly frames: StreamFrame[] = [];
  readonly ends: StreamEnd[] = [];
  readonly answers = new Map<number, CallAnswer>();
  readonly notices: ReplicaNotice[] = [];
  /** Cut off: nothing comes in or goes out. */
  isCut = false;
  /** Writes stay under way until it is false again. */
  holdsWrites = false;
  #writes = 0;

  constructor(replica: LockReplica) {
    this.replica = replica;
  }

  turn(nowMs: number): readonly Message[] {
    const output = this.replica.turn(nowMs);
    if (output.persist !== null) this.#writes += 1;
    if (!this.holdsWrites && this.#writes > 0) {
      this.#writes -= 1;
      this.replica.persisted();
    }
    this.frames.push(...output.frames);
    this.ends.push(...output.ends);
    this.notices.push(...output.notices);
    for (const { answer, call } of output.answers) this.answers.set(call, answer);
    return output.messages;
  }
}

export class TestCluster {
  readonly nodes = new Map<number, TestNode>();
  nowMs = 0;
  #ids = 100;

  constructor(ids: readonly number[], ttlDefaultMs = 1_000) {
    const members = ids.map((id) => ({ id, name: `node-${id}`, address: `node-${id}:9090` }));
    const configuration: Configuration = { voters: ids, outgoing: [], learners: [], members };
    for (const id of ids) this.nodes.set(id, startNode(id, configuration, ttlDefaultMs));
  }

  /** Lets everything that is on its way arrive, without time passing. */
  settle(): void {
    for (let round = 0; round < 100; round += 1) {
      const messages: Message[] = [];
      for (const node of this.nodes.values()) {
        const sent = node.turn(this.nowMs);
        if (!node.isCut) messages.push(...sent);
      }
      for (const message of messages) {
        const target = this.nodes.get(message.to);
        if (target !== undefined && !target.isCut) target.replica.receive(message);
      }
      if (messages.length === 0 && round > 2) return;
    }
  }

  /** Time passes in ticks. */
  pass(durationMs: number): void {
    for (let passed = 0; passed < durationMs; passed += tickMs) {
      this.nowMs += tickMs;
      this.settle();
    }
  }

  /** The node that leads and answers, after at most 5 s. */
  leader(): TestNode {
    for (let waited = 0; waited < 500; waited += 1) {
      for (const node of this.nodes.values()) {
        if (node.replica.isServing && !node.isCut) return node;
      }
      this.pass(tickMs);
    }
    throw new Error('nobody leads');
  }

  connect(node: TestNode): number {
    this.#ids += 1;
    node.replica.connect(this.#ids);
    return this.#ids;
  }

  /** Makes a unary call at once; its answer, or undefined while it waits. */
  call(node: TestNode, request: CallRequest): { readonly id: number; answer: () => CallAnswer } {
    this.#ids += 1;
    const id = this.#ids;
    node.replica.call(id, request);
    this.settle();
    return {
      id,
      answer: () => {
        const answer = node.answers.get(id);
        if (answer === undefined) throw new Error('the call waits');
        return answer;
      },
    };
  }

  /** Opens a session on a new stream: its id. */
  open(node: TestNode, ttlMs = 1_000): { readonly stream: number; readonly sessionId: number } {
    const stream = this.connect(node);
    node.replica.frame(stream, requestFrame(1, [], { sessionId: 0, ttlMs, clientName: 'test' }));
    this.settle();
    const welcome = node.frames.findLast(({ frame }) => frame.welcome !== null)?.frame.welcome;
    if (!welcome) throw new Error('no welcome');
    return { stream, sessionId: welcome.sessionId };
  }
}

export function requestFrame(
  frame: number,
  operations: readonly Operation[],
  hello: SessionRequestFrame['hello'] = null,
): SessionRequestFrame {
  return { hello, operations, acknowledgedSequence: 0, frame };
}

export { waitForever };

function startNode(id: number, configuration: Configuration, ttlDefaultMs: number): TestNode {
  const machine = new LockMachine();
  machine.apply({ index: 1, term: 1 }, []);
  const random = seededRandom(`replica-${id}`);
  const replica = new LockReplica(
    {
      raft: {
        id,
        electionTicks: 15,
        heartbeatTicks: 5,
        appendBytesMax: 1_000_000,
        inflightMessagesMax: 100,
        inflightBytesMax: 10_000_000,
        uncommittedBytesMax: 10_000_000,
        random: random.child('raft'),
      },
      tickMs,
      region: 'us-east',
      ttlDefaultMs,
      limits: defaultLimits,
      inflightOperationsMax: 100,
      slowDiskMs: 200,
      machineVersionMax: 1,
      newSessionId: () => random.integer(1, 1_000_000_000),
    },
    {
      hardState: { term: 1, votedFor: 0, commit: 1 },
      snapshot: { index: 1, term: 1, configuration },
      entries: [],
      applied: 1,
    },
    machine,
    0,
  );
  return new TestNode(replica);
}
