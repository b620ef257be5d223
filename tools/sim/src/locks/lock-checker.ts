/**
 * What must hold of all nodes and all clients of the lock manager together (the invariants of its
 * design, by number). It sees every applied change first, and knows what each client believes.
 */
import { type LockEvent, LockEventKind, type LockMachine } from '@windlass/lock-machine';
import type { LockReplica, ReplicaOutput } from '@windlass/lock-replica';
import { LockMode } from '@windlass/lock-wire';
import { RaftRole } from '@windlass/raft';
import { mustHold } from '../world/world.ts';
import type { LockNode } from './lock-node.ts';

/** A client that believes that it holds a lock, by its own clock and what it has been told. */
export type Belief = {
  readonly client: string;
  readonly session: number;
  readonly key: string;
  readonly token: number;
  readonly mode: LockMode;
};

export class LockChecker {
  readonly #beliefs: () => readonly Belief[];
  readonly #wantedMode: (session: number, key: string) => LockMode | null;
  /** Tokens whose hold an operator has ended: their clients may not know it yet. */
  readonly #takenAway = new Set<number>();
  /** What changed at each index, by whoever applied it first. */
  readonly #events = new Map<number, string>();
  readonly #digests = new Map<number, string>();
  readonly #leaders = new Map<number, number>();
  /** Waiters of each lock, as they were seen last on each node, and at which index. */
  readonly #queues = new Map<string, { readonly at: number; readonly waiters: string[] }>();
  #newestIndex = 1;
  #lastToken = 0;
  grants = 0;
  expiries = 0;

  constructor(
    beliefs: () => readonly Belief[],
    /** How a session wants a lock that it waits for; null where its client is gone. */
    wantedMode: (session: number, key: string) => LockMode | null,
  ) {
    this.#beliefs = beliefs;
    this.#wantedMode = wantedMode;
  }

  get leaderships(): number {
    return this.#leaders.size;
  }

  /** After each turn of a node, before anybody is told. */
  turned(node: LockNode, replica: LockReplica, output: ReplicaOutput): void {
    this.#checkLeader(node, replica);
    for (const { events, index } of output.events) {
      const text = JSON.stringify(events, (name, value) => (name === 'metadata' ? '' : value));
      const known = this.#events.get(index);
      mustHold(
        known === undefined || known === text,
        'all machines give the same',
        () => `node ${node.id} at ${index}: ${text}; before: ${known}`,
      );
      if (known !== undefined) continue;
      this.#events.set(index, text);
      mustHold(index > this.#newestIndex, 'all machines give the same', () => {
        return `node ${node.id} has changes at ${index}, which others passed without (${this.#newestIndex})`;
      });
      for (const event of events) this.#firstApplied(event, node);
    }
    const { appliedIndex } = replica.machine;
    this.#newestIndex = Math.max(this.#newestIndex, appliedIndex);
    if (output.events.length > 0) checkMachine(node, replica.machine);
    if (output.frames.length + output.answers.length > 0) this.#checkDurable(node, appliedIndex);
  }

  /** All nodes, whatever they have applied. */
  survey(nodes: readonly LockNode[], keys: readonly string[]): void {
    for (const node of nodes) {
      const { replica } = node;
      if (replica === null) continue;
      checkMachine(node, replica.machine);
      const { appliedIndex } = replica.machine;
      const digest = digestOf(replica.machine, keys);
      const known = this.#digests.get(appliedIndex);
      mustHold(
        known === undefined || known === digest,
        'all machines are equal',
        () => `node ${node.id} at ${appliedIndex}:\n${digest}\nanother:\n${known}`,
      );
      this.#digests.set(appliedIndex, digest);
      for (const key of keys) this.#checkQueue(node, replica.machine, key);
    }
  }

  nodesOf: () => readonly LockNode[] = () => [];

  #firstApplied(event: LockEvent, node: LockNode): void {
    const { key, kind, sessionId, token } = event;
    if (kind === LockEventKind.ForceReleased) this.#takenAway.add(token);
    if (kind === LockEventKind.Expired) this.expiries += 1;
    if (kind !== LockEventKind.Granted) return;
    this.grants += 1;
    mustHold(
      token > this.#lastToken,
      '2: tokens rise',
      () => `token ${token} of ${key} after ${this.#lastToken}`,
    );
    this.#lastToken = token;
    // The machine may be further on by the end of the turn: it can't be asked.
    const mode = this.#wantedMode(sessionId, key);
    for (const belief of this.#beliefs()) {
      if (belief.key !== key || belief.session === sessionId) continue;
      if (this.#takenAway.has(belief.token)) continue;
      const together =
        belief.mode !== LockMode.Exclusive && (mode === null || belief.mode === mode);
      mustHold(
        together,
        'a client holds until its deadline',
        () =>
          `node ${node.id} grants ${key} to session ${sessionId} (token ${token}) while ${belief.client} believes to hold it with token ${belief.token}`,
      );
    }
  }

  #checkLeader(node: LockNode, replica: LockReplica): void {
    const { role, term } = replica.raft.status();
    if (role !== RaftRole.Leader) return;
    const known = this.#leaders.get(term);
    mustHold(
      known === undefined || known === node.id,
      'election safety',
      () => `nodes ${known} and ${node.id} lead in term ${term}`,
    );
    this.#leaders.set(term, node.id);
  }

  /** 4: what is answered is on the disks of a majority. */
  #checkDurable(node: LockNode, index: number): void {
    const nodes = this.nodesOf();
    const holders = nodes.filter(({ disk }) => {
      return (disk.snapshot?.description.index ?? 0) >= index || lastIndex(disk.entries) >= index;
    });
    mustHold(
      holders.length > nodes.length / 2,
      '4: nothing is acknowledged before a quorum has it on disk',
      () => `node ${node.id} answers at ${index}, durable on ${holders.length} nodes only`,
    );
  }

  /** 8: whoever waits longer stays in front. */
  #checkQueue(node: LockNode, machine: LockMachine, key: string): void {
    const name = `${node.id}/${key}`;
    const now = machine.get(key)?.waiters.map((each) => `${each.sessionId}:${each.sequence}`) ?? [];
    const seen = this.#queues.get(name);
    this.#queues.set(name, { at: machine.appliedIndex, waiters: now });
    // A node that was started again may be behind what it was.
    if (seen === undefined || seen.at > machine.appliedIndex) return;
    const before = seen.waiters;
    const stayed = before.filter((waiter) => now.includes(waiter));
    mustHold(
      stayed.every((waiter, place) => now[place] === waiter),
      '8: queue order is log order',
      () => `node ${node.id}, ${key}: ${before.join(' ')} became ${now.join(' ')}`,
    );
  }
}

function checkMachine(node: LockNode, machine: LockMachine): void {
  const problems = machine.checkInvariants();
  mustHold(
    problems.length === 0,
    'invariants of the lock machine',
    () => `node ${node.id} at ${machine.appliedIndex}: ${problems.join('; ')}`,
  );
}

function digestOf(machine: LockMachine, keys: readonly string[]): string {
  const sessions = [...machine.sessions()].sort((left, right) => left.sessionId - right.sessionId);
  const locks = keys.map((key) => machine.get(key));
  return JSON.stringify([machine.counts(), sessions, locks]);
}

function lastIndex(entries: readonly { readonly index: number }[]): number {
  return entries.at(-1)?.index ?? 0;
}
