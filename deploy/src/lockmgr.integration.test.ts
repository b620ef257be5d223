/**
 * The lock manager's chart: what it renders to, its release on a real cluster by both Helms, and the
 * image's own program, three times, with the variables and files of the rendered pods.
 */
import { cpSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  eventually,
  freePorts,
  locateServers,
  type TemporaryFolder,
  temporaryFolder,
  testKubernetes,
} from '@windlass/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chartDir, helmNames, render, repositoryDir, tryRender } from './testing/charts.ts';
import { succeed } from './testing/command.ts';
import { type RunningContainer, startContainer } from './testing/container.ts';
import { buildWithoutDocker, readDockerfile } from './testing/dockerfile.ts';
import { kubectlOf } from './testing/kubectl.ts';
import { containerOf, environmentOf, type Manifest, only, podOf } from './testing/manifest.ts';

const namespace = 'lockmgr-us-east';

describe.each(helmNames)('with %s the chart', (helm) => {
  it('renders its defaults and the example of a region', async () => {
    const kinds = (await render('lockmgr', { helm })).map(({ kind }) => kind).sort();
    expect(kinds).toEqual([
      'ConfigMap',
      'PodDisruptionBudget',
      'Service',
      'Service',
      'ServiceAccount',
      'StatefulSet',
    ]);
    const regional = await render('lockmgr', { helm, region: true });
    expect(regional.map(({ kind }) => kind)).toContain('NetworkPolicy');
    for (const { metadata } of regional) {
      expect(metadata.labels).toMatchObject({ 'windlass.dev/region': 'us-east' });
    }
  });

  it('has what a first start needs: all pods at once, with names before they are ready', async () => {
    const manifests = await render('lockmgr', { helm, namespace });
    const set = only(manifests, 'StatefulSet');
    expect(set.spec).toMatchObject({
      replicas: 3,
      podManagementPolicy: 'Parallel',
      serviceName: 'lockmgr-headless',
      minReadySeconds: 10,
    });
    const headless = manifests.find(({ metadata }) => metadata.name === 'lockmgr-headless');
    expect(headless?.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
    const { readinessProbe, livenessProbe } = containerOf(set);
    expect(readinessProbe?.tcpSocket?.port).toBe('grpc');
    expect(livenessProbe?.httpGet).toEqual({ path: '/actuator/health', port: 'http' });
    expect(environmentOf(containerOf(set))['LOCKMGR_PEERS']).toBe(
      [0, 1, 2]
        .map((index) => `lockmgr-${index}=lockmgr-${index}.lockmgr-headless.${namespace}.svc:9090`)
        .join(),
    );
    expect(containerOf(set)['resources']).toEqual({
      requests: { memory: '256Mi', cpu: '250m' },
      limits: { memory: '512Mi', cpu: '500m' },
    });
  });

  it('takes every value of its table into the file, numbers in full or not', async () => {
    const manifests = await render('lockmgr', {
      helm,
      set: ['region.id=eu', 'raft.electionTimeoutMs=300', 'lock.minTimeoutMs=2000'],
      setJson: ['lock.locksMax=2000000'],
    });
    const file: unknown = parse(only(manifests, 'ConfigMap').data?.['lockmgr.yaml'] ?? '');
    expect(file).toMatchObject({
      region: { id: 'eu' },
      raft: { electionTimeoutMs: 300, heartbeatIntervalMs: 50 },
      lock: { minTimeoutMs: 2_000, defaultTimeoutMs: 30_000, locksMax: 2_000_000 },
    });
  });
});

describe('the chart', () => {
  const portsOf = async (set: readonly string[]) => {
    const manifests = await render('lockmgr', { set });
    const service = manifests.find(({ metadata }) => metadata.name === 'lockmgr');
    const found = manifests.filter(
      ({ kind, metadata }) => kind === 'Service' && metadata.name === 'lockmgr',
    );
    expect(service).toBeDefined();
    return found[0]?.spec?.['ports'];
  };

  it('has the port for regions where there are other regions', async () => {
    const region = {
      name: 'grpc-region',
      port: 9091,
      targetPort: 'grpc-region',
      appProtocol: 'grpc',
    };
    expect(await portsOf([])).not.toContainEqual(region);
    const peer = 'region.peers[0].regionId=west,region.peers[0].host=a,region.peers[0].port=9091';
    expect(await portsOf([peer])).toContainEqual(region);
  });

  it('restarts its pods when the file changes, and only then', async () => {
    const annotations = async (set: readonly string[]) =>
      only(await render('lockmgr', { set }), 'StatefulSet').spec?.template?.metadata;
    expect(await annotations(['service.type=NodePort'])).toEqual(await annotations([]));
    expect(await annotations(['raft.electionTimeoutMs=300'])).not.toEqual(await annotations([]));
  });

  it('keeps the pods apart as it is told, beside what else is asked for', async () => {
    const affinityOf = async (...set: readonly string[]) =>
      podOf(only(await render('lockmgr', { set }), 'StatefulSet'))['affinity'];
    const node = 'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.x=y';
    expect(await affinityOf('antiAffinity=none')).toBeUndefined();
    expect(await affinityOf('antiAffinity=required', node)).toMatchObject({
      nodeAffinity: {},
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname' }],
      },
    });
  });

  it('renders for Kubernetes 1.19, without what that does not know', async () => {
    const manifests = await render('lockmgr', { kubeVersion: '1.19.0' });
    const budget = only(manifests, 'PodDisruptionBudget');
    expect(budget.apiVersion).toBe('policy/v1beta1');
    expect(budget.spec).not.toHaveProperty('unhealthyPodEvictionPolicy');
    expect(only(manifests, 'StatefulSet').spec).not.toHaveProperty('minReadySeconds');
  });

  it.each([
    ['replicaCount=2', '/replicaCount'],
    ['raft.electionTimeoutMs=fast', '/raft/electionTimeoutMs'],
    ['lock.timeoutMs=1', "'timeoutMs'"],
    ['region.peers[0].regionId=west', '/region/peers/0'],
    ['settings.RAFT_ELECTION_TIMEOUT_MS=1', "'RAFT_ELECTION_TIMEOUT_MS'"],
    ['persistence.size=lots', '/persistence/size'],
  ])('refuses %s', async (value, named) => {
    const { exitCode, stderr } = await tryRender('lockmgr', { set: [value] });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(named);
  });
});

describe('a release', () => {
  it.each(helmNames)(
    'of %s makes all pods at once, and goes again',
    { timeout: 120_000 },
    async (helm) => {
      const cluster = await testKubernetes();
      const kubectl = kubectlOf(cluster.kubeconfigPath);
      const run = (...args: readonly string[]) =>
        succeed(locateServers().path(helm), [
          `--kubeconfig=${cluster.kubeconfigPath}`,
          `--namespace=${cluster.namespace}`,
          ...args,
        ]);
      const get = (...args: readonly string[]) =>
        kubectl(['get', ...args, '-n', cluster.namespace]);
      try {
        await run('install', 'lockmgr-us-east', chartDir('lockmgr'));
        // Their volumes never come, so none of them is ever ready.
        await eventually(async () =>
          expect((await get('pods', '-o', 'name')).trim().split('\n')).toHaveLength(3),
        );
        const set = ['--set', 'raft.electionTimeoutMs=300'];
        await run('upgrade', 'lockmgr-us-east', chartDir('lockmgr'), ...set);
        expect(await get('configmap/lockmgr', '-o', 'yaml')).toContain('electionTimeoutMs: 300');
        await run('uninstall', 'lockmgr-us-east');
        await eventually(async () => expect(await get('pods', '-o', 'name')).toBe(''));
        expect((await get('pvc', '-o', 'name')).trim().split('\n')).toHaveLength(3);
      } finally {
        await cluster.drop();
      }
    },
  );
});

describe('three processes of the image, as the rendered pods say', () => {
  let folder: TemporaryFolder;
  let nodes: readonly {
    readonly url: string;
    readonly grpcPort: number;
    container: RunningContainer;
  }[];
  let set: Manifest;

  beforeAll(async () => {
    folder = temporaryFolder();
    const manifests = await render('lockmgr', { namespace, region: true });
    set = only(manifests, 'StatefulSet');
    const config = only(manifests, 'ConfigMap').data?.['lockmgr.yaml'] ?? '';
    const built = join(folder.path, 'built');
    const dockerfile = readDockerfile(join(repositoryDir, 'deploy/images/app.Dockerfile'));
    const build = { args: { APP: 'lockmgr-node' }, root: repositoryDir, folder: built };
    const image = await buildWithoutDocker(dockerfile, build);
    const ports = await freePorts(6);
    const names = [0, 1, 2].map((index) => `lockmgr-${index}`);
    const env = environmentOf(containerOf(set));
    // There is no DNS of a cluster here: names become ports of this machine.
    const peers = names.reduce((text, name, index) => {
      const address = `${name}.lockmgr-headless.${namespace}.svc:9090`;
      if (!text.includes(`${name}=${address}`)) throw new Error(`no ${address} in ${text}`);
      return text.replace(address, `127.0.0.1:${ports[index]}`);
    }, env['LOCKMGR_PEERS'] ?? '');
    nodes = names.map((name, index) => {
      const root = join(folder.path, name);
      cpSync(built, root, { recursive: true });
      const grpcPort = ports[index] ?? 0;
      const httpPort = ports[3 + index] ?? 0;
      const container = startContainer({
        image: { ...image, args: image.args.map((each) => each.replace(built, root)) },
        folder: root,
        volume: env['DATA_FOLDER'] ?? '',
        env: {
          ...env,
          NODE_NAME: name,
          LOCKMGR_PEERS: peers,
          GRPC_HOST: '127.0.0.1',
          GRPC_PORT: String(grpcPort),
          HTTP_HOST: '127.0.0.1',
          HTTP_PORT: String(httpPort),
        },
        files: {
          '/etc/lockmgr/lockmgr.yaml': config,
          '/etc/windlass/ADMIN_TOKEN': '5f2a90c1d3b84e67',
        },
      });
      return { url: `http://127.0.0.1:${httpPort}`, grpcPort, container };
    });
  }, 120_000);
  afterAll(async () => {
    for (const { container } of nodes) container.terminate();
    await Promise.all(nodes.map(({ container }) => container.ended));
    folder.remove();
  });

  it('form one cluster, and answer the probes of the chart', { timeout: 90_000 }, async () => {
    const { livenessProbe } = containerOf(set);
    for (const { url, grpcPort, container } of nodes) {
      const answered = async () => {
        const live = await fetch(`${url}${livenessProbe?.httpGet?.path}`);
        const ready = await fetch(`${url}/actuator/health/readiness`);
        return live.status === 200 && ready.status === 200 && (await opens(grpcPort));
      };
      const outcome = await eventually(answered, { deadlineMs: 60_000 }).catch(() => false);
      expect({ outcome, log: container.output() }).toMatchObject({ outcome: true });
    }
    const infos = await Promise.all(
      nodes.map(async ({ url }) => parse(await (await fetch(`${url}/actuator/info`)).text())),
    );
    const members = ['lockmgr-0', 'lockmgr-1', 'lockmgr-2'];
    for (const [index, info] of infos.entries()) {
      expect(info).toMatchObject({
        node: { name: members[index] },
        region: 'us-east',
        cluster: { id: infos[0].cluster.id, members },
      });
    }
  });

  it('end before their grace period does, with 0', async () => {
    const startedMs = performance.now();
    for (const { container } of nodes) container.terminate();
    for (const { container } of nodes) {
      expect({ code: await container.ended, log: container.output() }).toMatchObject({ code: 0 });
    }
    const { terminationGracePeriodSeconds } = podOf(set);
    expect(performance.now() - startedMs).toBeLessThan(terminationGracePeriodSeconds * 1_000);
  });
});

function opens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
