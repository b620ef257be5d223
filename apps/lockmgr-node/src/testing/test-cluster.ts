/** One cluster of real processes for the tests of a file; its start is what takes their time. */
import { credentials } from '@grpc/grpc-js';
import { assert } from '@windlass/base';
import { grpcClient } from '@windlass/grpc';
import { LockService } from '@windlass/proto/lock/v1';
import { ClusterService } from '@windlass/proto/lock/v1/cluster';
import { createMetrics } from '@windlass/telemetry';
import {
  type LockmgrCluster,
  type LockmgrOptions,
  startLockmgr,
  temporaryFolder,
} from '@windlass/testkit';
import { afterAll, afterEach, beforeAll } from 'vitest';

type Cleanup = () => Promise<void> | void;

export function testCluster(
  options: () => Promise<Pick<LockmgrOptions, 'nodeEnv'>> = () => Promise.resolve({}),
) {
  const folder = temporaryFolder();
  const cleanups: Cleanup[] = [];
  let started: LockmgrCluster | null = null;

  beforeAll(async () => {
    started = await startLockmgr({ nodes: 3, dataDir: folder.path, ...(await options()) });
  });

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  });

  afterAll(async () => {
    await started?.stop();
    folder.remove();
  });

  return {
    cluster: (): LockmgrCluster => {
      assert(started !== null, 'the cluster is there in tests');
      return started;
    },
    /** Runs when the test is over; the last one first. */
    cleanUp: (cleanup: Cleanup) => void cleanups.push(cleanup),
    clientsOf: (address: string) => {
      const how = { credentials: credentials.createInsecure(), metrics: createMetrics('test') };
      const locks = grpcClient(LockService, address, how);
      const operators = grpcClient(ClusterService, address, how);
      cleanups.push(locks.close, operators.close);
      return { locks: locks.calls, operators: operators.calls };
    },
  };
}
