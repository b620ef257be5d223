/** The node's metrics. */
import type { LockReplica } from '@windlass/lock-replica';
import { RaftRole } from '@windlass/raft';
import type { Metrics } from '@windlass/telemetry';
import type { Wal } from '@windlass/wal';

export type NodeMeters = {
  /** One write was made durable. */
  readonly synced: (elapsedMs: number, bytes: number) => void;
  /** From now on the gauges show this replica and its log. */
  readonly follow: (replica: LockReplica, wal: Wal) => void;
};

export function createNodeMeters(metrics: Metrics): NodeMeters {
  const syncSeconds = metrics.histogram(
    'lockmgr_log_sync_seconds',
    'Write and fdatasync of one batch.',
    [],
  );
  const written = metrics.counter('lockmgr_log_bytes_total', 'Bytes written to the log.', []);
  const gauge = (name: string, help: string, value: () => number) =>
    metrics.gauge(name, help, [], (made) => made.set(value()));
  return {
    synced: (elapsedMs, bytes) => {
      syncSeconds.observe({}, elapsedMs / 1_000);
      written.inc({}, bytes);
    },
    follow: (replica, wal) => {
      gauge('lockmgr_is_leader', '1 on the node that leads.', () =>
        replica.raft.status().role === RaftRole.Leader ? 1 : 0,
      );
      gauge('lockmgr_term', 'Term of Raft.', () => replica.raft.status().term);
      gauge('lockmgr_commit_index', 'Newest committed index.', () => replica.raft.status().commit);
      gauge('lockmgr_applied_index', 'Newest applied index.', () => replica.machine.appliedIndex);
      gauge('lockmgr_sessions', 'Open sessions.', () => replica.machine.counts().sessions);
      gauge('lockmgr_locks', 'Locks held or waited for.', () => replica.machine.counts().locks);
      gauge('lockmgr_waiters', 'Waiting acquires.', () => replica.machine.counts().waiters);
      gauge('lockmgr_log_segments', 'Segments of the log in use.', () => wal.stats().segments);
      gauge('lockmgr_log_syncs', 'fdatasync calls since the start.', () => wal.stats().syncs);
    },
  };
}
