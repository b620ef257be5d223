/** What a replica tells operators, as lines of the log. */
import type { ReplicaNotice } from '@windlass/lock-replica';
import type { Log } from '@windlass/telemetry';

export function logNotice(log: Log, notice: ReplicaNotice): void {
  const { kind, ...fields } = notice;
  const message = kind.replaceAll('-', '_');
  switch (kind) {
    case 'disk-slow':
    case 'paused':
    case 'force-released':
      log.warn(message, fields);
      return;
    case 'session-expired':
      log.debug(message, fields);
      return;
    case 'leadership-acquired':
    case 'leadership-lost':
    case 'leader-changed':
    case 'configuration-changed':
    case 'state-received':
      log.info(message, fields);
      return;
    default:
      kind satisfies never;
  }
}
