/**
 * What must hold of a whole cluster at every moment (paper, figure 3), looked at from outside:
 * election safety, log matching, leader completeness, state machine safety, and reads that are
 * never old.
 */
import type { Entry, NodeId } from './index.ts';
import { RaftRole } from './index.ts';
import type { TestNode } from './node.test-support.ts';

export class SafetyChecker {
  readonly #leaders = new Map<number, NodeId>();
  readonly #committed = new Map<number, Entry>();
  readonly #commitAtRead = new Map<string, number>();
  commitMax = 0;

  /** After each event at a node. */
  observe(node: TestNode): void {
    if (node.raft === null) return;
    const { role, term } = node.raft.status();
    if (role !== RaftRole.Leader) return;
    const known = this.#leaders.get(term);
    if (known === undefined) this.#leaders.set(term, node.id);
    else if (known !== node.id) {
      throw new Error(`election safety: ${known} and ${node.id} lead term ${term}`);
    }
  }

  /** Entries that a state machine has applied. */
  applied(node: TestNode, entries: readonly Entry[]): void {
    for (const entry of entries) {
      const known = this.#committed.get(entry.index);
      if (known === undefined) this.#committed.set(entry.index, entry);
      else if (!sameEntry(known, entry)) {
        throw new Error(`state machine safety: ${node.id} applied another ${entry.index}`);
      }
      this.commitMax = Math.max(this.commitMax, entry.index);
    }
  }

  /** A leader has handed its first entry of a term to its disk: its log is known from here on. */
  elected(node: TestNode): void {
    const { firstIndex, lastIndex } = node.given;
    for (const [index, entry] of this.#committed) {
      if (index < firstIndex) continue;
      if (index > lastIndex || node.given.termAt(index) !== entry.term) {
        throw new Error(`leader completeness: ${node.id} lacks ${index} of term ${entry.term}`);
      }
    }
  }

  readAsked(node: TestNode, readId: number): void {
    this.#commitAtRead.set(`${node.id}/${readId}`, this.commitMax);
  }

  readAnswered(node: TestNode, readId: number, index: number): void {
    const key = `${node.id}/${readId}`;
    const least = this.#commitAtRead.get(key);
    if (least === undefined) throw new Error(`read ${key} was answered twice or never asked for`);
    this.#commitAtRead.delete(key);
    if (index < least) throw new Error(`old read: ${key} at ${index}, ${least} was applied before`);
  }

  readLost(node: TestNode, readId: number): void {
    if (!this.#commitAtRead.delete(`${node.id}/${readId}`)) {
      throw new Error(`read ${node.id}/${readId} was lost but never asked for`);
    }
  }

  /** Its reads are never answered; a node that starts again counts them anew. */
  crashed(node: TestNode): void {
    for (const key of this.#commitAtRead.keys()) {
      if (key.startsWith(`${node.id}/`)) this.#commitAtRead.delete(key);
    }
  }

  /** Paper, 5.3: entries with the same index and term are the same, and so is all before them. */
  checkLogs(nodes: readonly TestNode[]): void {
    for (const left of nodes) {
      for (const right of nodes) if (left.id < right.id) checkPair(left, right);
    }
  }
}

function checkPair(left: TestNode, right: TestNode): void {
  const first = Math.max(left.disk.firstIndex, right.disk.firstIndex);
  let agree = false;
  for (
    let index = Math.min(left.disk.lastIndex, right.disk.lastIndex);
    index >= first;
    index -= 1
  ) {
    const ours = left.disk.entries[index - left.disk.firstIndex];
    const theirs = right.disk.entries[index - right.disk.firstIndex];
    if (ours === undefined || theirs === undefined) return;
    if (ours.term === theirs.term) agree = true;
    if (agree && !sameEntry(ours, theirs)) {
      throw new Error(`log matching: ${left.id} and ${right.id} differ at ${index}`);
    }
  }
}

function sameEntry(left: Entry, right: Entry): boolean {
  return (
    left.term === right.term &&
    left.kind === right.kind &&
    left.data.length === right.data.length &&
    left.data.every((byte, position) => byte === right.data[position])
  );
}
