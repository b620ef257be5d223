/** Server-sent events as text (WHATWG HTML, section 9.2). */
import type { ActivityRecord } from '@windlass/postgres';

/** How long a client waits before it connects again after a loss. */
const reconnectMs = 1_000;

/** A comment: keeps proxies from closing a silent stream. */
export const heartbeatFrame = ': keep-alive\n\n';

/** The first frame: where the stream begins, so that a client cut off at once can resume. */
export function readyFrame(position: string): string {
  return `retry: ${reconnectMs}\nid: ${position}\nevent: ready\ndata: {}\n\n`;
}

/** Events were lost: they are older than what is kept. The client should read its rows again. */
export function gapFrame(lastEventId: string): string {
  return `event: gap\ndata: ${JSON.stringify({ lastEventId })}\n\n`;
}

export function activityFrame(record: ActivityRecord): string {
  // JSON has no line breaks outside of texts, and escapes those within: one data line is enough.
  const data = JSON.stringify({
    type: record.type,
    identifier: record.identifier,
    requestId: record.request,
    at: record.at.toISOString(),
    data: record.data,
  });
  return `id: ${record.id}\nevent: ${record.type}\ndata: ${data}\n\n`;
}
