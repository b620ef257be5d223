/** Three etcd members as processes, with data folders of their own and fsync on. */
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, freePorts, locateServers, temporaryFolder } from '@windlass/testkit';
import { cpuSeconds } from './process-cost.ts';

const membersCount = 3;
const healthDeadlineMs = 30_000;
const stopDeadlineMs = 15_000;
const syncMetric = 'etcd_disk_wal_fsync_duration_seconds_count';

export type EtcdCluster = {
  /** Of all members. */
  readonly endpoints: readonly string[];
  /** fdatasync calls of all members' logs so far, by their own metric. */
  readonly syncs: () => Promise<number>;
  /** CPU time of all members so far. */
  readonly cpuSeconds: () => number;
  readonly stop: () => Promise<void>;
};

export async function startEtcdCluster(): Promise<EtcdCluster> {
  const folder = temporaryFolder();
  const ports = await freePorts(2 * membersCount);
  const members = Array.from({ length: membersCount }, (_, place) => ({
    name: `etcd-${place}`,
    client: `http://127.0.0.1:${ports[2 * place]}`,
    peer: `http://127.0.0.1:${ports[2 * place + 1]}`,
  }));
  const initialCluster = members.map(({ name, peer }) => `${name}=${peer}`).join(',');
  const program = locateServers().path('etcd');
  const children = members.map(({ name, client, peer }) => {
    const output = openSync(join(folder.path, `${name}.log`), 'a');
    const args = [
      `--name=${name}`,
      `--data-dir=${join(folder.path, name)}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=${initialCluster}`,
      '--log-level=warn',
    ];
    const child = spawn(program, args, { stdio: ['ignore', output, output] });
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    return { child, exited };
  });
  const stop = async () => {
    for (const { child } of children) child.kill('SIGTERM');
    const killer = setTimeout(() => {
      for (const { child } of children) child.kill('SIGKILL');
    }, stopDeadlineMs);
    await Promise.all(children.map(({ exited }) => exited));
    clearTimeout(killer);
    folder.remove();
  };
  const endpoints = members.map(({ client }) => client);
  const areHealthy = async () => {
    const answers = await Promise.all(endpoints.map((endpoint) => fetch(`${endpoint}/health`)));
    return answers.every(({ ok }) => ok);
  };
  try {
    await eventually(areHealthy, { deadlineMs: healthDeadlineMs });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    endpoints,
    syncs: async () => {
      const counts = await Promise.all(endpoints.map(syncsOf));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    cpuSeconds: () => cpuSeconds(children.map(({ child }) => child.pid ?? 0)),
    stop,
  };
}

async function syncsOf(endpoint: string): Promise<number> {
  const text = await (await fetch(`${endpoint}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${syncMetric} `));
  if (line === undefined) throw new Error(`etcd has no metric ${syncMetric}`);
  return Number(line.slice(syncMetric.length + 1));
}
