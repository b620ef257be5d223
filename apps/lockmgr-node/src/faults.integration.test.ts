/**
 * Clients of the library on real processes while these are killed, ended, paused and restarted: what
 * the clients saw must be linearizable. More seeds by hand: testing/check-faults.ts.
 */
import { describe, expect, it } from 'vitest';
import { runUnderFaults } from './testing/fault-run.ts';
import { processFaults } from './testing/process-faults.ts';
import { testCluster } from './testing/test-cluster.ts';

/** Users did something all the time, also where elections took long. */
const operationsMin = 300;

const { cluster } = testCluster();

describe('the history of clients', () => {
  it('is linearizable while nodes are killed, ended, paused and restarted', async () => {
    const faults = processFaults(cluster());
    const { addresses } = cluster();
    const run = await runUnderFaults({ addresses, faults, seed: 1, durationMs: 15_000 });
    expect(run.problem).toBeNull();
    expect(run.faults.length).toBeGreaterThan(2);
    expect(run.known).toBeGreaterThan(operationsMin);
  }, 90_000);
});
