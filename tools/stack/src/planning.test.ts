import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSettings, settingsTable } from '@windlass/config';
import { describe, expect, it } from 'vitest';
import { describePortProblem, makePlan, portWishes, withoutSecrets } from './planning.ts';
import { preferredPorts, stackSettings } from './settings.ts';
import { repositoryDir } from './state/folder.ts';
import { appComponentNames, appOfComponent, portNames } from './state/plan.ts';

const settings = (env: Record<string, string>) => {
  const parsed = parseSettings(stackSettings, env);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
};

describe('portWishes', () => {
  it('wishes for the known ports where nothing is set', () => {
    const ports = Object.values(preferredPorts);
    expect(portWishes(settings({}))).toEqual(
      portNames.map((name, index) => ({
        name,
        preferred: ports[index],
        explicit: false,
        variable: `${name.toUpperCase()}_PORT`,
      })),
    );
  });

  it('insists on a port that is set, by the variable that the message names', () => {
    const env = Object.fromEntries(
      portNames.map((name, index) => [`${name.toUpperCase()}_PORT`, `${9000 + index}`]),
    );
    expect(portWishes(settings(env))).toEqual(
      portNames.map((name, index) => ({
        name,
        preferred: 9000 + index,
        explicit: true,
        variable: `${name.toUpperCase()}_PORT`,
      })),
    );
  });
});

describe('several workers and watchers', () => {
  it('have a port each, near that of the first', () => {
    const wishes = portWishes(settings({ WORKERS: '3', WATCHERS: '2', WORKER_PORT: '9000' }));
    const copies = wishes.filter(({ name }) => name.includes('-'));
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
    expect(names).toEqual(['api', 'worker', 'worker-2', 'worker-3', 'watcher', 'watcher-2']);
    expect(names.map(appOfComponent)).toEqual([
      'api',
      ...Array.from({ length: 3 }, () => 'worker'),
      ...Array.from({ length: 2 }, () => 'watcher'),
    ]);
    expect(new Set(names.map((name) => plan.value.ports[name])).size).toBe(names.length);
  });

  it.each(['api-2', 'worker-1', 'worker-10', 'worker-', 'nats', 'kube-apiserver', 'etcd-2'])(
    'counts %s as no app',
    (name) => {
      expect(appOfComponent(name)).toBeNull();
    },
  );
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
