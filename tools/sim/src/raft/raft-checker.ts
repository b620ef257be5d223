/**
 * What must hold of the whole cluster at every moment (Raft paper, figure 3), and what was promised
 * to those who proposed and read. It sees all nodes at once, which no node can.
 */
import { type Entry, EntryKind, type PersistBatch, type Raft, RaftRole } from '@windlass/raft';
import { InvariantBroken, mustHold } from '../world/world.ts';
import type { RaftNode } from './raft-node.ts';

type Applied = { readonly entry: Entry; readonly hash: number };

/** Log matching is looked at so far back; earlier entries are compared by their hashes. */
const comparedEntriesMax = 200;

export class RaftChecker {
  readonly #leaders = new Map<number, number>();
  /** What was applied at each index, by whoever was first. */
  readonly #applied = new Map<number, Applied>();
  /** Terms of the entries that each node has been given, whether they are durable or not. */
  readonly #given = new Map<number, Map<number, number>>();
  readonly #readsAsked = new Map<string, number>();
  /** Proposals that are acknowledged, by index: their term. */
  readonly #acknowledged = new Map<number, number>();
  appliedMax = 1;
  elections = 0;
  readsAnswered = 0;

  get acknowledgedCount(): number {
    return this.#acknowledged.size;
  }

  get acknowledgedMax(): number {
    return Math.max(0, ...this.#acknowledged.keys());
  }

  started(node: RaftNode): void {
    this.#given.set(
      node.id,
      new Map(node.disk.entries.map(({ index, term }): [number, number] => [index, term])),
    );
    this.#sameHash(node);
  }

  crashed(node: RaftNode): void {
    for (const key of this.#readsAsked.keys()) {
      if (key.startsWith(`${node.id}/`)) this.#readsAsked.delete(key);
    }
  }

  /** Election safety: at most one leader in a term. */
  observe(node: RaftNode, raft: Raft): void {
    const { role, term } = raft.status();
    if (role !== RaftRole.Leader) return;
    const known = this.#leaders.get(term);
    mustHold(
      known === undefined || known === node.id,
      'election safety',
      () => `nodes ${known} and ${node.id} lead in term ${term}`,
    );
    this.#leaders.set(term, node.id);
  }

  /** A batch is on its way to a disk. A leader's first entry: leader completeness is looked at. */
  handedOut(node: RaftNode, { entries, snapshot }: PersistBatch): void {
    const given = this.#given.get(node.id);
    if (given === undefined) return;
    if (snapshot !== null) given.clear();
    const first = entries[0];
    if (first === undefined) return;
    for (let index = first.index; given.delete(index); index += 1);
    for (const { index, term } of entries) given.set(index, term);
    const status = node.raft?.status();
    if (status?.role !== RaftRole.Leader) return;
    const own = entries.find(({ kind, term }) => kind === EntryKind.Empty && term === status.term);
    if (own === undefined) return;
    this.elections += 1;
    const from = node.disk.snapshot?.description.index ?? 0;
    for (const [index, { entry }] of this.#applied) {
      if (index <= from || snapshot !== null || entry.term >= own.term) continue;
      mustHold(
        given.get(index) === entry.term,
        'leader completeness',
        () => `node ${node.id} leads term ${own.term} without entry ${index} of ${entry.term}`,
      );
    }
  }

  /** State machine safety: nobody applies something else at an index. */
  applied(node: RaftNode, entry: Entry): void {
    const known = this.#applied.get(entry.index);
    if (known === undefined) {
      mustHold(
        entry.index === this.appliedMax + 1,
        'state machine safety',
        () => `node ${node.id} applies ${entry.index} after ${this.appliedMax}`,
      );
      this.#applied.set(entry.index, { entry, hash: node.hash });
      this.appliedMax = entry.index;
    } else {
      mustHold(
        known.entry.term === entry.term && known.hash === node.hash,
        'state machine safety',
        () =>
          `node ${node.id} applies ${entry.index} of term ${entry.term}; before, it was one of term ${known.entry.term}`,
      );
    }
    const promised = this.#acknowledged.get(entry.index);
    mustHold(
      promised === undefined || promised === entry.term,
      'durability of acknowledged proposals',
      () => `entry ${entry.index} of term ${promised} is replaced by one of ${entry.term}`,
    );
  }

  /** A leader applies only what is on the disks of a majority of those who vote. */
  checkDurable(leader: RaftNode, raft: Raft, nodeOf: (id: number) => RaftNode | undefined): void {
    const { configuration, role } = raft.status();
    const { outgoing, voters } = configuration;
    if (role !== RaftRole.Leader || outgoing.length > 0) return;
    const { applied, appliedTerm } = leader;
    const count = voters.filter((id) => nodeOf(id)?.disk.holds(applied, appliedTerm)).length;
    mustHold(
      count > voters.length / 2,
      'nothing is committed before a quorum has it on disk',
      () => `node ${leader.id} applies ${applied}; ${count} of ${voters.join(' ')} have it`,
    );
  }

  adopted(node: RaftNode): void {
    this.#sameHash(node);
  }

  acknowledged(index: number, term: number): void {
    this.#acknowledged.set(index, term);
  }

  readAsked(node: RaftNode, readId: number): void {
    this.#readsAsked.set(`${node.id}/${readId}`, this.appliedMax);
  }

  /** Read index: not older than what anybody had applied when it was asked for. */
  readAnswered(node: RaftNode, readId: number, index: number): void {
    const key = `${node.id}/${readId}`;
    const least = this.#readsAsked.get(key);
    if (least === undefined) throw new InvariantBroken('reads', `${key} wasn't asked for`);
    this.#readsAsked.delete(key);
    this.readsAnswered += 1;
    mustHold(
      index >= least && node.applied >= index,
      'read freshness',
      () => `node ${node.id} answers at ${index} (applied ${node.applied}); ${least} was applied`,
    );
  }

  readLost(node: RaftNode, readId: number): void {
    const known = this.#readsAsked.delete(`${node.id}/${readId}`);
    mustHold(known, 'reads', () => `read ${node.id}/${readId} was lost but not asked for`);
  }

  /** Log matching: durable logs that agree at an index agree before it. */
  checkLogs(nodes: readonly RaftNode[]): void {
    for (const left of nodes) {
      for (const right of nodes) if (left.id < right.id) this.#checkPair(left, right);
    }
  }

  #checkPair(left: RaftNode, right: RaftNode): void {
    const theirs = new Map(
      right.disk.entries.slice(-comparedEntriesMax).map((entry) => [entry.index, entry]),
    );
    let agree = false;
    for (const ours of left.disk.entries.slice(-comparedEntriesMax).reverse()) {
      const other = theirs.get(ours.index);
      if (other === undefined) continue;
      if (other.term === ours.term) agree = true;
      mustHold(
        !agree || (other.term === ours.term && hashEntry(0, other) === hashEntry(0, ours)),
        'log matching',
        () => `nodes ${left.id} and ${right.id} differ at ${ours.index}`,
      );
    }
  }

  #sameHash(node: RaftNode): void {
    const known = this.#applied.get(node.applied);
    mustHold(
      known === undefined || known.hash === node.hash,
      'state machine safety',
      () => `node ${node.id} has another state at ${node.applied}`,
    );
  }
}

/** FNV-1a over the hash so far, the term, the kind and the data. */
export function hashEntry(before: number, { term, kind, data }: Entry): number {
  let hash = 0x811c9dc5 ^ before;
  const add = (value: number) => {
    hash = Math.imul(hash ^ value, 0x01000193);
  };
  add(term & 0xff);
  add(term >>> 8);
  add(kind);
  for (const byte of data) add(byte);
  return hash >>> 0;
}
