/** The platform for one benchmark: durable servers of its own, and the apps as real processes. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrate } from '@windlass/postgres/migrate';
import { createLog } from '@windlass/telemetry';
import {
  eventually,
  freePorts,
  type KubernetesComponent,
  startKubernetes,
  startNats,
  startPostgres,
  temporaryFolder,
} from '@windlass/testkit';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const readyDeadlineMs = 60_000;
const stopDeadlineMs = 30_000;

export type AppName = 'api' | 'worker' | 'watcher';

export type Platform = {
  readonly databaseUrl: string;
  readonly kubeconfigPath: string;
  /** Ends components of the control plane that the benchmark has no use for. */
  readonly without: (components: readonly KubernetesComponent[]) => Promise<void>;
  /** Starts an app; resolves with its base URL once it is ready. */
  readonly startApp: (app: AppName, env?: Readonly<Record<string, string>>) => Promise<RunningApp>;
  readonly stop: () => Promise<void>;
};

export type RunningApp = {
  readonly url: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
};

export async function startPlatform(): Promise<Platform> {
  const folder = temporaryFolder();
  const place = (name: string) => ({
    dataDir: join(folder.path, name),
    logFile: join(folder.path, `${name}.log`),
    port: 0,
    durable: true,
  });
  const [postgres, nats, kubernetes] = await Promise.all([
    startPostgres(place('postgres')),
    startNats(place('nats')),
    startKubernetes(place('kubernetes')),
  ]);
  const log = createLog({ app: 'bench', level: 'warn', format: 'text' });
  await migrate({ databaseUrl: postgres.url, log });
  const apps: RunningApp[] = [];
  return {
    databaseUrl: postgres.url,
    kubeconfigPath: kubernetes.kubeconfigPath,
    without: async (components) => {
      for (const component of components) await kubernetes.component(component).stop();
    },
    startApp: async (app, env = {}) => {
      const running = await startApp(app, join(folder.path, `${app}.log`), {
        DATABASE_URL: postgres.url,
        NATS_URL: nats.url,
        KUBECONFIG: kubernetes.kubeconfigPath,
        LOG_LEVEL: 'warn',
        ...env,
      });
      apps.push(running);
      return running;
    },
    stop: async () => {
      await Promise.all(apps.map((app) => app.stop()));
      await Promise.all([kubernetes.stop(), nats.stop(), postgres.stop()]);
      folder.remove();
    },
  };
}

async function startApp(
  app: AppName,
  logFile: string,
  env: Readonly<Record<string, string>>,
): Promise<RunningApp> {
  const { openSync } = await import('node:fs');
  const [port = 0] = await freePorts(1);
  const output = openSync(logFile, 'a');
  const child = spawn(process.execPath, [join('apps', app, 'src', 'main.ts')], {
    cwd: repository,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], HTTP_PORT: String(port), ...env },
    stdio: ['ignore', output, output],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => (await fetch(`${url}/ready`)).ok, { deadlineMs: readyDeadlineMs });
  return {
    url,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs);
      await exited;
      clearTimeout(killer);
    },
  };
}
