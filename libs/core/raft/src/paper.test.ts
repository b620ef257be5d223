import { seededRandom } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import {
  type Entry,
  EntryKind,
  type Message,
  MessageKind,
  ProposalRefusal,
  Raft,
  RaftRole,
  type RaftStart,
} from './index.ts';
import { newMessage } from './messages.ts';
import { configurationOf } from './node.test-support.ts';

describe('section 5.1', () => {
  it('if a server receives a request with a stale term number, it rejects the request', () => {
    const node = start({ term: 3 });
    node.step({ ...newMessage(MessageKind.Append, 2, 1, 2), commit: 0 });
    expect(node.ready().messages).toMatchObject([{ reject: true, term: 3, to: 2 }]);
    expect(node.status().leader).toBe(0);
  });

  it('if a leader discovers that its term is out of date, it reverts to follower state', () => {
    const node = elected();
    node.step({ ...newMessage(MessageKind.HeartbeatResponse, 2, 1, 9) });
    expect(node.status()).toMatchObject({ role: RaftRole.Follower, term: 9, leader: 0 });
  });

  it('if a candidate discovers a newer term, it reverts to follower state', () => {
    const node = candidate();
    node.step({ ...newMessage(MessageKind.Heartbeat, 3, 1, 2) });
    expect(node.status()).toMatchObject({ role: RaftRole.Follower, term: 2, leader: 3 });
  });
});

describe('section 5.2', () => {
  it('a candidate goes back to follower when another of its term has won', () => {
    const node = candidate();
    node.step({ ...newMessage(MessageKind.Heartbeat, 3, 1, 1) });
    expect(node.status()).toMatchObject({ role: RaftRole.Follower, term: 1, leader: 3 });
  });

  it('each server votes for at most one candidate in a given term, first come first served', () => {
    const node = start({});
    node.step(voteFrom(2, 1));
    node.step(voteFrom(3, 1));
    expect(settle(node)).toMatchObject([
      { kind: MessageKind.VoteResponse, to: 2, reject: false },
      { kind: MessageKind.VoteResponse, to: 3, reject: true },
    ]);
    node.step(voteFrom(2, 1));
    expect(settle(node)).toMatchObject([{ to: 2, reject: false }]);
  });

  it('remembers its vote after a restart', () => {
    const node = start({ term: 1, votedFor: 2 });
    node.step(voteFrom(3, 1));
    expect(settle(node)).toMatchObject([{ to: 3, reject: true }]);
  });

  it('election timeouts are random in [electionTicks, 2 × electionTicks)', () => {
    const waits = new Set<number>();
    for (let seed = 0; seed < 200; seed += 1) {
      const node = start({}, seed);
      let ticks = 0;
      for (; node.status().role === RaftRole.Follower; ticks += 1) node.tick();
      waits.add(ticks);
    }
    expect([...waits].sort((left, right) => left - right)).toEqual([
      10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    ]);
  });
});

describe('what waits for the disk', () => {
  it('a node’s own vote counts once the write that holds it has ended, not an earlier one', () => {
    const node = start({ voters: [1] });
    node.step(voteFrom(2, 1));
    node.ready();
    node.campaign();
    node.persisted();
    expect(node.status()).toMatchObject({ role: RaftRole.Candidate, term: 2 });
    settle(node);
    expect(node.status()).toMatchObject({ role: RaftRole.Leader, term: 2 });
  });

  it('an answer of an older term is of no use any more', () => {
    const node = start({ term: 1 });
    node.step(append(1, 0, 0, [entry(1, 1)]));
    node.ready();
    node.step({ ...newMessage(MessageKind.Heartbeat, 3, 1, 2) });
    node.persisted();
    expect(settle(node)).toMatchObject([{ kind: MessageKind.HeartbeatResponse, term: 2 }]);
  });

  it('one answer says all that became durable by one write', () => {
    const node = start({ term: 1 });
    node.step(append(1, 0, 0, [entry(1, 1)]));
    node.step(append(1, 1, 1, [entry(2, 1)]));
    expect(node.ready().messages).toEqual([]);
    node.persisted();
    expect(settle(node)).toMatchObject([{ kind: MessageKind.AppendResponse, index: 2 }]);
  });
});

describe('section 5.3', () => {
  it('if two entries conflict, the existing entry and all that follow it are deleted', () => {
    const node = start({ term: 2, entries: [entry(1, 1), entry(2, 1), entry(3, 1)] });
    node.step(append(3, 1, 1, [entry(2, 3)]));
    expect(node.status()).toMatchObject({ lastIndex: 2, durable: 1 });
    expect(node.ready().persist?.entries).toEqual([entry(2, 3)]);
    // Replaced once more while it is being written: its end makes nothing of it durable.
    node.step(append(4, 1, 1, [entry(2, 4)]));
    node.persisted();
    expect(node.status()).toMatchObject({ lastIndex: 2, durable: 1 });
    settle(node);
    expect(node.status().durable).toBe(2);
  });

  it('entries that are there already stay, also those after them', () => {
    const node = start({ term: 2, entries: [entry(1, 1), entry(2, 2), entry(3, 2)] });
    node.step(append(2, 0, 0, [entry(1, 1), entry(2, 2)]));
    expect(node.status().lastIndex).toBe(3);
    expect(settle(node)).toMatchObject([{ index: 2, reject: false }]);
  });

  it('the commit index is the least of the leader’s and the index of the last new entry', () => {
    const node = start({ term: 1, entries: [entry(1, 1), entry(2, 1), entry(3, 1)] });
    node.step({ ...append(1, 0, 0, [entry(1, 1)]), commit: 3 });
    expect(node.status().commit).toBe(1);
  });

  it('a leader never overwrites or deletes entries in its log', () => {
    const node = elected();
    expect(() => {
      node.step(append(1, 0, 0, [entry(1, 1)]));
    }).toThrow('a term has one leader');
  });

  it('a committed entry is never replaced, whatever a leader says', () => {
    const node = start({ term: 1, commit: 2, entries: [entry(1, 1), entry(2, 1)] });
    node.step(append(2, 1, 1, [entry(2, 2)]));
    expect(node.status().lastIndex).toBe(2);
    expect(settle(node)).toMatchObject([{ index: 2 }]);
    expect(() => {
      node.step({ ...newMessage(MessageKind.Heartbeat, 2, 1, 2), commit: 3 });
    }).toThrow('has the disk lost data?');
  });

  it('the refusal names the last place where the logs may agree', () => {
    const node = start({ term: 5, entries: [entry(1, 1), entry(2, 2), entry(3, 4), entry(4, 4)] });
    node.step(append(6, 4, 3, []));
    expect(node.ready().messages).toMatchObject([
      { reject: true, index: 4, hintIndex: 2, hintTerm: 2 },
    ]);
  });
});

describe('section 5.4.1', () => {
  it.each([
    ['a later last term wins', 3, 1, false],
    ['with equal terms, the longer log wins', 2, 3, false],
    ['an equal log is up to date', 2, 2, false],
    ['a shorter log is not', 2, 1, true],
    ['an earlier last term is not, however long', 1, 9, true],
  ])('%s', (_name, logTerm, index, reject) => {
    const node = start({ term: 3, entries: [entry(1, 1), entry(2, 2)] });
    node.step({ ...voteFrom(2, 4), logTerm, index });
    expect(settle(node)).toMatchObject([{ kind: MessageKind.VoteResponse, reject }]);
  });
});

describe('section 6', () => {
  it('servers disregard votes while they believe a leader exists', () => {
    const node = start({ term: 1 });
    node.step({ ...newMessage(MessageKind.Heartbeat, 2, 1, 1) });
    node.ready();
    node.step(voteFrom(3, 5));
    expect(node.ready().messages).toEqual([]);
    expect(node.status()).toMatchObject({ term: 1, leader: 2 });
    for (let tick = 0; tick < 9; tick += 1) node.tick();
    node.step({ ...newMessage(MessageKind.PreVote, 3, 1, 6) });
    expect(node.hasReady()).toBe(false);
    node.step({ ...voteFrom(3, 5), transfer: true });
    expect(node.status().term).toBe(5);
  });
});

describe('loyalty to a leader', () => {
  it('doesn’t hinder that leader itself, which has been restarted', () => {
    const node = start({ term: 1 });
    node.step({ ...newMessage(MessageKind.Heartbeat, 2, 1, 1) });
    node.ready();
    node.step({ ...newMessage(MessageKind.PreVote, 2, 1, 2) });
    expect(settle(node)).toMatchObject([{ reject: false, term: 2 }]);
    node.step(voteFrom(2, 2));
    expect(settle(node)).toMatchObject([{ reject: false, term: 2 }]);
  });
});

describe('section 6, of a new leader', () => {
  it('no change is accepted before an entry of its own term is committed', () => {
    const node = elected();
    const change = [{ kind: 'remove', id: 3 }] as const;
    const error = ProposalRefusal.ConfigurationPending;
    expect(node.proposeConfiguration(change)).toEqual({ ok: false, error });
    node.step({ ...newMessage(MessageKind.AppendResponse, 2, 1, 1), index: 1 });
    expect(node.proposeConfiguration(change)).toMatchObject({ ok: true });
  });
});

describe('section 7', () => {
  it('an answer that reaches into the log ends the sending of a snapshot', () => {
    const node = elected();
    node.step({ ...newMessage(MessageKind.AppendResponse, 2, 1, 1), index: 1 });
    settle(node);
    node.snapshotAvailable({ index: 1, term: 1, configuration: configurationOf([1, 2, 3]) });
    node.compact(1);
    node.step({ ...newMessage(MessageKind.HeartbeatResponse, 3, 1, 1) });
    settle(node);
    expect(node.status().progress[2]).toMatchObject({ state: 'snapshot', next: 2 });
    node.step({ ...newMessage(MessageKind.AppendResponse, 3, 1, 1), index: 1 });
    expect(node.status().progress[2]).toMatchObject({ state: 'replicate', match: 1, next: 2 });
  });

  it('a snapshot replaces the log, and one that brings nothing new is ignored', () => {
    const node = start({ term: 1, entries: [entry(1, 1), entry(2, 1)] });
    const snapshot = { index: 5, term: 1, configuration: configurationOf([1, 2]) };
    const message = { ...newMessage(MessageKind.Snapshot, 2, 1, 1), snapshot };
    node.step(message);
    node.step(message);
    expect(node.status()).toMatchObject({ firstIndex: 6, lastIndex: 5, commit: 5, durable: 0 });
    expect(node.status().configuration.voters).toEqual([1, 2]);
    const ready = node.ready();
    expect(ready.persist?.snapshot).toEqual(snapshot);
    expect(ready.messages).toEqual([]);
    node.persisted();
    expect(settle(node)).toMatchObject([{ kind: MessageKind.AppendResponse, index: 5 }]);
    node.step(message);
    expect(node.ready().persist).toBeNull();
  });

  it('entries that follow a snapshot are applied only after it was handed out', () => {
    const node = start({ term: 1 });
    node.step(append(1, 0, 0, [entry(1, 1)]));
    expect(node.ready().persist?.entries).toHaveLength(1);
    const snapshot = { index: 5, term: 1, configuration: configurationOf([1, 2, 3]) };
    node.step({ ...newMessage(MessageKind.Snapshot, 2, 1, 1), snapshot });
    node.step({ ...append(1, 5, 1, [entry(6, 1)]), commit: 6 });
    expect(node.ready()).toMatchObject({ persist: null, committed: [] });
    node.persisted();
    const ready = node.ready();
    expect(ready.persist).toMatchObject({ snapshot, entries: [{ index: 6 }] });
    expect(ready.committed).toMatchObject([{ index: 6 }]);
  });

  it('a snapshot whose place the log has moves the commit index only', () => {
    const node = start({ term: 1, entries: [entry(1, 1), entry(2, 1), entry(3, 1)] });
    const snapshot = { index: 2, term: 1, configuration: configurationOf([1, 2, 3]) };
    node.step({ ...newMessage(MessageKind.Snapshot, 2, 1, 1), snapshot });
    expect(node.status()).toMatchObject({ firstIndex: 1, lastIndex: 3, commit: 2 });
    expect(node.ready().persist?.snapshot ?? null).toBeNull();
  });
});

describe('the owner', () => {
  it('may not keep a snapshot that is ahead of the log on disk', () => {
    const node = elected();
    node.propose([new Uint8Array(1)]);
    node.ready();
    for (const from of [2, 3]) {
      node.step({ ...newMessage(MessageKind.AppendResponse, from, 1, 1), index: 2 });
    }
    expect(node.ready().committed).toHaveLength(2);
    const snapshot = { index: 2, term: 1, configuration: configurationOf([1, 2, 3]) };
    expect(() => {
      node.snapshotAvailable(snapshot);
    }).toThrow('not ahead of the log on disk');
    node.persisted();
    settle(node);
    node.snapshotAvailable(snapshot);
    node.compact(2);
    expect(node.status().firstIndex).toBe(3);
  });

  it('may finish a snapshot that a received one has overtaken', () => {
    const node = start({ term: 1, commit: 2, entries: [entry(1, 1), entry(2, 1)] });
    expect(node.ready().committed).toHaveLength(2);
    const configuration = configurationOf([1, 2, 3]);
    const snapshot = { index: 9, term: 1, configuration };
    node.step({ ...newMessage(MessageKind.Snapshot, 2, 1, 1), snapshot });
    node.snapshotAvailable({ index: 2, term: 1, configuration });
    node.compact(2);
    expect(node.status()).toMatchObject({ firstIndex: 10, commit: 9, durable: 0 });
  });

  it('is refused what only a leader does', () => {
    const node = start({});
    const refused = { ok: false, error: ProposalRefusal.NotLeader };
    expect(node.propose([new Uint8Array(1)])).toEqual(refused);
    expect(node.readIndex()).toEqual(refused);
    expect(node.transferLeadership(0)).toEqual(refused);
    expect(node.proposeConfiguration([])).toEqual(refused);
  });

  it('gets a large backlog in pieces', () => {
    const entries = Array.from({ length: 10 }, (_, position) => entry(position + 1, 1, 100_000));
    const node = start({ term: 1, commit: 10, entries });
    const pieces: number[] = [];
    while (node.hasReady()) pieces.push(node.ready().committed.length);
    expect(pieces).toEqual([2, 2, 2, 2, 2]);
  });

  it('may have lost the entries that a commit index was written with', () => {
    expect(start({ term: 1, commit: 9, entries: [entry(1, 1)] }).status().commit).toBe(1);
  });
});

type Found = {
  readonly voters?: readonly number[];
  readonly term?: number;
  readonly votedFor?: number;
  readonly commit?: number;
  readonly entries?: readonly Entry[];
};

/** Node 1, of 1, 2 and 3 as a rule. */
function start(found: Found, seed = 1): Raft {
  const { voters = [1, 2, 3], term = 0, votedFor = 0, commit = 0, entries = [] } = found;
  const begin: RaftStart = {
    hardState: { term, votedFor, commit },
    snapshot: { index: 0, term: 0, configuration: configurationOf(voters) },
    entries,
    applied: 0,
  };
  const settings = {
    id: 1,
    electionTicks: 10,
    heartbeatTicks: 2,
    appendBytesMax: 4096,
    inflightMessagesMax: 16,
    inflightBytesMax: 65_536,
    uncommittedBytesMax: 65_536,
    random: seededRandom(seed),
  };
  return new Raft(settings, begin);
}

/** Until the node has nothing to do but to listen: everything that it said. */
function settle(node: Raft): readonly Message[] {
  const said: Message[] = [];
  while (node.hasReady()) {
    const { messages, persist } = node.ready();
    said.push(...messages);
    if (persist !== null) node.persisted();
  }
  return said;
}

function candidate(): Raft {
  const node = start({});
  node.campaign();
  settle(node);
  node.step({ ...newMessage(MessageKind.PreVoteResponse, 2, 1, 1) });
  settle(node);
  expect(node.status().role).toBe(RaftRole.Candidate);
  return node;
}

/** Leader of term 1, its first entry on its disk only. */
function elected(): Raft {
  const node = candidate();
  node.step({ ...newMessage(MessageKind.VoteResponse, 2, 1, 1) });
  expect(node.status().role).toBe(RaftRole.Leader);
  settle(node);
  return node;
}

function entry(index: number, term: number, length = 1): Entry {
  return { index, term, kind: EntryKind.Command, data: new Uint8Array(length) };
}

function append(term: number, index: number, logTerm: number, entries: readonly Entry[]): Message {
  return { ...newMessage(MessageKind.Append, 2, 1, term), index, logTerm, entries };
}

function voteFrom(from: number, term: number): Message {
  return { ...newMessage(MessageKind.Vote, from, 1, term), index: 9, logTerm: term - 1 };
}
