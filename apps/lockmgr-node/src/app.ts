/**
 * One node of the lock manager: opens its disk, becomes a member of its cluster, and serves
 * clients, the other nodes and operators over gRPC.
 *
 * Next: formation/formation.ts (how a cluster comes into being), node/lock-node.ts (the replica at
 * work), clients/session-stream.ts (how a client's frame gets there and back).
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@windlass/base';
import { startGrpcServer } from '@windlass/grpc';
import type { Health, Scope } from '@windlass/lifecycle';
import type { Log, Metrics } from '@windlass/telemetry';
import { openWal } from '@windlass/wal';
import { EventHistory } from './clients/event-history.ts';
import { lockService } from './clients/served-locks.ts';
import { Watches } from './clients/watches.ts';
import { addressOf, type LockmgrSettings, peersOf } from './config.ts';
import { candidateId } from './formation/candidate-id.ts';
import { becomeMember } from './formation/formation.ts';
import { randomId } from './node/ids.ts';
import { createNodeMeters } from './node/meters.ts';
import { NodeProcess } from './node/node-process.ts';
import { machineVersionMax } from './node/start-member.ts';
import { clusterService } from './operations/cluster-service.ts';
import { nodeInfo } from './operations/node-info.ts';
import { Membership } from './peers/membership.ts';
import { raftService } from './peers/raft-service.ts';

export type LockmgrDeps = {
  readonly settings: LockmgrSettings;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly scope: Scope;
};

/** Clients' streams are ended by then; what is left is broken off. */
const closeDeadlineMs = 2_000;

/** Clients may hold many streams and calls on one connection. */
const concurrentStreamsMax = 10_000;

export type RunningLockmgr = {
  readonly grpcPort: number;
  /** Who this node is, for `/actuator/info`. */
  readonly info: () => Readonly<Record<string, unknown>>;
};

export async function startLockmgr(deps: LockmgrDeps): Promise<RunningLockmgr> {
  const { health, log, metrics, scope, settings } = deps;
  await mkdir(settings.dataFolder, { recursive: true });
  const meters = createNodeMeters(metrics);
  const opened = await openWal(join(settings.dataFolder, 'log'), {
    observer: { synced: meters.synced },
  });
  if (!opened.ok) {
    const { advice, file, message, offset } = opened.error;
    throw new Error(`${file}, byte ${offset}: ${message} ${advice}`);
  }
  const { identity, start, tornBytes, wal, warnings } = opened.value;
  scope.onStop('log', () => wal.close());
  for (const warning of warnings) log.warn('log_damage_bypassed', { ...warning });
  if (tornBytes > 0) log.warn('log_tail_cut', { bytes: tornBytes });

  const nodeId = identity?.nodeId ?? (await candidateId(settings.dataFolder, randomId));
  const peers = peersOf(settings.peers);
  const address = addressOf(settings);
  const membership = new Membership(nodeId, settings.nodeName, address);
  const node = new NodeProcess(deps, membership, wal, meters);
  scope.onStop('connections', node.closeConnections);
  const { access, calls, checks, forwarding, form } = node;
  const history = new EventHistory(0);

  const server = await startGrpcServer({
    address: settings.grpcHost,
    port: settings.grpcPort,
    services: [
      lockService({ access, calls, checks, forwarding, watches: new Watches(calls, history) }),
      clusterService({
        access,
        calls,
        forwarding,
        membership,
        peerCalls: node.peerCalls,
        log,
        region: settings.regionId,
        buildVersion: metrics.build.version,
      }),
      raftService({ access, calls, form, log, machineVersionMax, membership }),
    ],
    log,
    metrics,
    tls: serverTls(settings),
    limits: { concurrentStreamsMax },
  });
  scope.onStop('member', node.stop);
  scope.onStop('grpc', () => server.close(closeDeadlineMs));
  scope.onStop('waiting calls', () => calls.end());
  scope.onStop('hand-over', node.handOver);
  log.info('grpc_listening', { port: server.port, node: settings.nodeName, nodeId });

  health.readiness('member', () => {
    if (membership.running === null) throw new Error('this node belongs to no cluster yet');
  });
  health.readiness('leader', () => {
    if ((membership.running?.node.replica.leaderAddress ?? '') === '') {
      throw new Error('no leader is known');
    }
  });
  const running = { grpcPort: server.port, info: () => nodeInfo(membership, settings.regionId) };
  void membership.ran().then((member) => node.follow(member, history));
  const others = peers.filter(({ name }) => name !== settings.nodeName);
  // A cluster of one that died while it came into being has nobody to hear its state from.
  const wasBrokenOff = others.length === 0 && start.snapshot === null && start.entries.length === 0;
  if (identity !== null && !wasBrokenOff) {
    await node.run(identity.clusterId, start);
    return running;
  }
  const forming = becomeMember({
    self: { name: settings.nodeName, address, id: nodeId },
    others,
    calls: node.peerCalls,
    log,
    signal: scope.signal,
    nowMs: systemClock.nowMs,
    newClusterId: randomId,
    isMember: () => membership.running !== null,
    form,
    takePart: node.takePart,
  }).catch(scope.fail);
  scope.onStop('formation', () => forming);
  return running;
}

function serverTls(settings: LockmgrSettings) {
  const { tlsCaFile, tlsCertFile, tlsClientCertificates, tlsKeyFile } = settings;
  if (tlsCertFile === null || tlsKeyFile === null) return null;
  return {
    certificateFile: tlsCertFile,
    privateKeyFile: tlsKeyFile,
    ...(tlsClientCertificates && tlsCaFile !== null ? { clientCaFile: tlsCaFile } : {}),
  };
}
