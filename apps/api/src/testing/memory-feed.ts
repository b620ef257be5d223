/** A feed of activity in memory: what the store's contract promises, and failures on demand. */
import type { ActivityRecord, DeploymentStore } from '@windlass/postgres';

export function memoryFeed() {
  const records: ActivityRecord[] = [];
  let failures = 0;
  let reads = 0;
  const readActivity: DeploymentStore['readActivity'] = async (_scope, _filter, afterId, limit) => {
    reads += 1;
    if (failures > 0) {
      failures -= 1;
      throw new Error('PostgreSQL is away');
    }
    if (afterId === null) return { items: [], lastId: String(records.length), gap: false };
    const items = records.slice(Number(afterId), Number(afterId) + limit);
    return { items, lastId: String(Number(afterId) + items.length), gap: false };
  };
  return {
    readActivity,
    reads: () => reads,
    /** The next reads fail. */
    fail: (count: number) => {
      failures = count;
    },
    add: (identifier: string, data: ActivityRecord['data'] = {}) =>
      records.push({
        id: String(records.length + 1),
        userId: 'alice',
        identifier,
        request: null,
        type: 'request.changed',
        data,
        at: new Date(0),
      }),
  };
}
