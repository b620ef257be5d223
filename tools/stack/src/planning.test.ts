import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSettings, settingsTable } from '@windlass/config';
import { describe, expect, it } from 'vitest';
import {
  lockAddressesOf,
  lockManagerNames,
  loneEnvironment,
  memberEnvironment,
} from './components/lock-managers.ts';
import {
  describePortProblem,
  lockClusterProblem,
  makePlan,
  portWishes,
  withoutSecrets,
} from './planning.ts';
import { choosePorts } from './ports/choose.ts';
import { preferredPorts, stackSettings } from './settings.ts';
import { repositoryDir, stackFolder } from './state/folder.ts';
import { appComponentNames, appOfComponent, portNames } from './state/plan.ts';

const settings = (env: Record<string, string>) => {
  const parsed = parseSettings(stackSettings, env);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
};

const variableOf = (name: string) => `${name.replaceAll('-', '_').toUpperCase()}_PORT`;

describe('portWishes', () => {
  it('wishes for the known ports where nothing is set', () => {
    const ports = Object.values(preferredPorts);
    expect(portWishes(settings({ LOCKMGRS: '1' }))).toEqual(
      portNames.map((name, index) => ({
        name,
        preferred: ports[index],
        explicit: false,
        variable: variableOf(name),
      })),
    );
  });

  it('insists on a port that is set, by the variable that the message names', () => {
    const env = Object.fromEntries(
      portNames.map((name, index) => [variableOf(name), `${9000 + index}`]),
    );
    expect(portWishes(settings({ ...env, LOCKMGRS: '1' }))).toEqual(
      portNames.map((name, index) => ({
        name,
        preferred: 9000 + index,
        explicit: true,
        variable: variableOf(name),
      })),
    );
  });
});

describe('several workers and watchers', () => {
  it('have a port each, near that of the first', () => {
    const wishes = portWishes(
      settings({ WORKERS: '3', WATCHERS: '2', WORKER_PORT: '9000', LOCKMGRS: '1' }),
    );
    const copies = wishes.filter(({ name }) => /-[0-9]$/.test(name));
    expect(copies).toMatchObject([
      { name: 'worker-2', preferred: 9010, explicit: false },
      { name: 'worker-3', preferred: 9020, explicit: false },
      { name: 'watcher-2', preferred: 8092, explicit: false },
    ]);
  });

  it('are components of the plan, each of its app', async () => {
    const plan = await makePlan(settings({ WORKERS: '3', WATCHERS: '2' }), {}, null);
    if (!plan.ok) throw new Error(JSON.stringify(plan.error));
    const names = appComponentNames(plan.value);
    const lockmgrs = ['lockmgr', 'lockmgr-2', 'lockmgr-3'];
    const others = ['api', 'worker', 'worker-2', 'worker-3', 'watcher', 'watcher-2'];
    expect(names).toEqual([...others, ...lockmgrs]);
    expect(names.map(appOfComponent)).toEqual([
      'api',
      ...Array.from({ length: 3 }, () => 'worker'),
      ...Array.from({ length: 2 }, () => 'watcher'),
      ...lockmgrs.map(() => 'lockmgr'),
    ]);
    expect(new Set(names.map((name) => plan.value.ports[name])).size).toBe(names.length);
  });

  it.each([
    'api-2',
    'worker-1',
    'worker-10',
    'worker-',
    'lockmgr-http',
    'lockmgr-2-http',
    'nats',
    'kube-apiserver',
    'etcd-2',
  ])('counts %s as no app', (name) => {
    expect(appOfComponent(name)).toBeNull();
  });
});

describe('the lock managers', () => {
  const cluster = { lockmgr: 9190, 'lockmgr-2': 9200, 'lockmgr-3': 9210 };

  it('are three that know each other by ports of their own, each with one for probes', async () => {
    const plan = await makePlan(settings({ LOCKMGR_PORT: '9190' }), {}, null);
    if (!plan.ok) throw new Error(JSON.stringify(plan.error));
    expect(lockManagerNames(plan.value)).toEqual(['lockmgr', 'lockmgr-2', 'lockmgr-3']);
    const http = ['lockmgr-http', 'lockmgr-2-http', 'lockmgr-3-http'];
    const ports = [...lockManagerNames(plan.value), ...http].map((name) => plan.value.ports[name]);
    expect(ports.every((port) => port !== undefined && port > 0)).toBe(true);
    expect(new Set(ports).size).toBe(6);
  });

  it('have the ports again that their data knows, or the start is refused', async () => {
    const wishes = portWishes(settings({}), cluster);
    expect(wishes.filter(({ isKept }) => isKept)).toMatchObject(
      Object.entries(cluster).map(([name, preferred]) => ({ name, preferred, explicit: true })),
    );
    const taken = await choosePorts(
      wishes,
      {},
      (port) => Promise.resolve(port !== 9200),
      () => Promise.resolve(40_000),
    );
    expect(taken).toMatchObject({ ok: false, error: [{ name: 'lockmgr-2', reason: 'kept' }] });
  });

  it('are as many as have data where nothing is set, and no other number or port', () => {
    const five = { ...cluster, 'lockmgr-4': 9220, 'lockmgr-5': 9230 };
    const names = portWishes(settings({}), five).filter(({ name }) =>
      /^lockmgr[-0-9]*$/.test(name),
    );
    expect(names).toHaveLength(5);
    expect(lockClusterProblem(settings({}), five)).toBeNull();
    expect(lockClusterProblem(settings({ LOCKMGRS: '5', LOCKMGR_PORT: '9190' }), five)).toBeNull();
    expect(lockClusterProblem(settings({ LOCKMGRS: '3' }), five)).toMatch(/cluster of 5/);
    expect(lockClusterProblem(settings({ LOCKMGR_PORT: '9090' }), five)).toMatch(/port 9190/);
  });

  it("are none where the user's are used", async () => {
    const env = { LOCKMGR_ADDRESS: 'locks.example:9090,locks.example:9091', LOCKMGRS: '5' };
    const plan = await makePlan(settings(env), {}, null, cluster);
    if (!plan.ok) throw new Error(JSON.stringify(plan.error));
    expect(lockManagerNames(plan.value)).toEqual([]);
    expect(plan.value.lockmgr).toEqual({
      kind: 'external',
      shown: 'locks.example:9090,locks.example:9091',
    });
    expect(lockAddressesOf({ plan: plan.value })).toBeNull();
    expect(lockClusterProblem(settings(env), cluster)).toBeNull();
  });

  it('each learn who they all are, and keep their data apart', () => {
    const folder = stackFolder('test', '/x');
    const ports = { ...cluster, api: 1, worker: 2, watcher: 3 };
    const plan = { ports: { ...ports, 'lockmgr-http': 4, postgres: 5, nats: 6, kubernetes: 7 } };
    const peers = 'lockmgr=127.0.0.1:9190,lockmgr-2=127.0.0.1:9200,lockmgr-3=127.0.0.1:9210';
    for (const [name, port] of Object.entries(cluster)) {
      expect(memberEnvironment(folder, plan, name)).toMatchObject({
        NODE_NAME: name,
        LOCKMGR_PEERS: peers,
        GRPC_PORT: String(port),
        DATA_FOLDER: `/x/.windlass/test/data/${name}`,
      });
    }
    expect(loneEnvironment(folder, 9090)).toMatchObject({
      LOCKMGR_PEERS: '',
      DATA_FOLDER: '/x/.windlass/test/data/lockmgr-alone',
    });
  });
});

describe('makePlan', () => {
  it('chooses no port for a server of the user, and shows no password of it', async () => {
    const DATABASE_URL = 'postgres://u:secret@db:5432/windlass';
    const plan = await makePlan(settings({ DATABASE_URL, KUBECONFIG: '/x' }), {}, 'context kind');
    expect(plan).toMatchObject({
      ok: true,
      value: {
        ports: { postgres: 0, kubernetes: 0 },
        postgres: { kind: 'external', shown: 'postgres://db:5432/windlass' },
        nats: { kind: 'own' },
        kubernetes: { kind: 'external', shown: 'context kind' },
      },
    });
    expect(JSON.stringify(plan)).not.toContain('secret');
  });
});

describe('describePortProblem', () => {
  it('says which variable to change', () => {
    const problem = { name: 'api', port: 8000, variable: 'API_PORT' } as const;
    expect(describePortProblem({ ...problem, reason: 'taken' })).toMatch(/^API_PORT=8000: another/);
    expect(describePortProblem({ ...problem, reason: 'kept' })).toMatch(
      /the cluster knows api by it/,
    );
    expect(describePortProblem({ ...problem, reason: 'repeated' })).toMatch(/^API_PORT=8000: that/);
  });
});

describe('withoutSecrets', () => {
  it('shows where a server is, and no password', () => {
    const shown = withoutSecrets('postgres://user:secret@db.example:5433/windlass?password=other');
    expect(shown).toBe('postgres://db.example:5433/windlass');
    expect(withoutSecrets('nats://a:b@n1:4222, tls://n2:4222')).toBe(
      'nats://n1:4222,tls://n2:4222',
    );
  });
});

/** Rows of Markdown tables; a formatter pads their cells. */
function tableRows(markdown: string): string[] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^[|\s:-]+$/.test(line))
    .map((line) => line.split(/\s*\|\s*/).join('|'));
}

describe('docs/setup.md', () => {
  it('has the table of settings as they are', () => {
    const text = readFileSync(join(repositoryDir, 'docs', 'setup.md'), 'utf8');
    const wanted = tableRows(settingsTable(stackSettings));
    const rows = tableRows(text);
    const begin = rows.indexOf(wanted[0] ?? '');
    expect(rows.slice(begin, begin + wanted.length)).toEqual(wanted);
  });
});
