import { describe, expect, it } from 'vitest';
import { readCluster } from './cluster.test-support.ts';
import { rolloutHealth } from './rollout-health.ts';

describe('the message', () => {
  it('is at most 1,024 characters long, and never ends in half a character', () => {
    for (let padding = 0; padding < 2; padding += 1) {
      const text = `${'x'.repeat(padding)}${'𝄞'.repeat(2_000)}`;
      const cluster = `deployment replicas=1\ncondition ReplicaFailure=True reason=FailedCreate :: ${text}`;
      const { message } = rolloutHealth(readCluster(cluster));
      expect(message).toHaveLength(1_024);
      expect(message.endsWith('…')).toBe(true);
      expect(message.isWellFormed()).toBe(true);
    }
  });
});
