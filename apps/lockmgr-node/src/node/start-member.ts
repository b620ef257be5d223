/**
 * Makes a running member of what is on the disk: the machine from its snapshot, the replica from
 * the log, and the loop that turns it.
 */
import { assert, seededRandom, systemClock } from '@windlass/base';
import { LockMachine } from '@windlass/lock-machine';
import { LockReplica, type ReplicaSettings } from '@windlass/lock-replica';
import type { PersistBatch, RaftStart } from '@windlass/raft';
import type { Wal, WalStart } from '@windlass/wal';
import type { LockmgrSettings } from '../config.ts';

/** Raft's clock ticks 15 times in an election timeout of 150 ms. */
export const tickMs = 10;

/**
 * Bytes of entries in one message: two of the largest entries (512 KiB), far below the 4 MiB of a
 * gRPC message.
 */
const appendBytesMax = 1024 * 1024;

/** Unanswered messages and bytes for one follower: some milliseconds of a full stream. */
const inflightMessagesMax = 256;
const inflightBytesMax = 32 * 1024 * 1024;

/** What a leader takes without a quorum: beyond it clients wait. */
const uncommittedBytesMax = 64 * 1024 * 1024;

/** Newest behaviour of the lock machine that this program has. */
export const machineVersionMax = 1;

export function replicaSettings(
  settings: LockmgrSettings,
  nodeId: number,
  newId: () => number,
): ReplicaSettings {
  const { electionTimeoutMs, heartbeatIntervalMs } = settings;
  return {
    raft: {
      id: nodeId,
      electionTicks: Math.max(Math.round(electionTimeoutMs / tickMs), 2),
      heartbeatTicks: Math.max(Math.round(heartbeatIntervalMs / tickMs), 1),
      appendBytesMax,
      inflightMessagesMax,
      inflightBytesMax,
      uncommittedBytesMax,
      random: seededRandom(newId()),
    },
    tickMs,
    region: settings.regionId,
    ttlDefaultMs: settings.defaultTimeoutMs,
    limits: {
      sessionsMax: settings.sessionsMax,
      locksMax: settings.locksMax,
      waitersPerLockMax: settings.waitersPerLockMax,
      holdsPerSessionMax: settings.holdsPerSessionMax,
      unacknowledgedPerSessionMax: settings.unacknowledgedPerSessionMax,
    },
    inflightOperationsMax: settings.inflightOperationsMax,
    slowDiskMs: settings.slowDiskMs,
    machineVersionMax,
    newSessionId: newId,
  };
}

/** The replica as the disk has it. Throws where the snapshot can't be read. */
export async function replicaFrom(
  settings: ReplicaSettings,
  wal: Wal,
  start: WalStart,
): Promise<LockReplica> {
  const machine = await machineFrom(wal);
  const raftStart: RaftStart = { ...start, applied: machine.appliedIndex };
  assert(machine.appliedIndex === (start.snapshot?.index ?? 0), 'the snapshot is the one named');
  return new LockReplica(settings, raftStart, machine, systemClock.monotonicMs());
}

async function machineFrom(wal: Wal): Promise<LockMachine> {
  const snapshot = wal.openSnapshot();
  if (snapshot === null) return new LockMachine();
  const restore = LockMachine.restore();
  for await (const chunk of snapshot.chunks) restore.push(chunk);
  const restored = restore.finish();
  if (restored.ok) return restored.value;
  throw new Error(`the snapshot can't be read: ${restored.error.kind}`);
}

/** Writes what a turn wants durable. */
export function persistBatch(wal: Wal, batch: PersistBatch): Promise<void> {
  const { entries, hardState, snapshot } = batch;
  if (snapshot !== null) return wal.installSnapshot({ snapshot, hardState, entries });
  return wal.append({ hardState, entries });
}
