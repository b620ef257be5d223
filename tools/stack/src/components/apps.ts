/** The platform's apps, and the migrations before them, as components. */
import { join } from 'node:path';
import type { StackFolder } from '../state/folder.ts';
import { logFileOf, repositoryDir } from '../state/folder.ts';
import {
  type AppName,
  appComponentNames,
  appOfComponent,
  httpPortName,
  type StackPlan,
} from '../state/plan.ts';
import type { Component } from '../supervisor/component.ts';
import { appEnvironment, appGraceMs, type Connections } from './environment.ts';
import { memberEnvironment } from './lock-managers.ts';
import { probeHttp } from './probes.ts';
import { spawnInstance } from './spawned.ts';

export function appMainFile(app: AppName): string {
  return join('apps', app === 'lockmgr' ? 'lockmgr-node' : app, 'src', 'main.ts');
}

const migrateMainFile = join('libs', 'adapters', 'postgres', 'src', 'migrate', 'main.ts');

/** Node loads and starts an app in about a second; this is for a machine under load. */
const appReadyDeadlineMs = 60_000;
/** Migrations of a large database of the user's may take long, but not forever. */
const migrateDeadlineMs = 600_000;
/** An app that is asked to end does so within its own grace, or is killed this much later. */
const killMarginMs = 2_000;

export type AppContext = {
  readonly folder: StackFolder;
  readonly plan: StackPlan;
  /** Asked at each start: the servers are up by then. */
  readonly connections: () => Connections;
  /** Names of the servers that apps need. */
  readonly servers: readonly string[];
};

export function appComponents(context: AppContext): Component[] {
  const apps = appComponentNames(context.plan).flatMap((name) => {
    const app = appOfComponent(name);
    return app === null ? [] : [appComponent(name, app, context)];
  });
  return [migrations(context), ...apps];
}

function appComponent(name: string, app: AppName, context: AppContext): Component {
  const { plan } = context;
  const httpPort = plan.ports[httpPortName(name)] ?? null;
  const isLockManager = app === 'lockmgr';
  return {
    ...nodeComponent(name, appMainFile(app), httpPort, context),
    port: plan.ports[name] ?? null,
    // Lock managers need nobody but one another.
    after: isLockManager ? [] : [...context.servers, 'migrations'],
    runs: 'always',
    probe: (signal) => probeHttp(`http://127.0.0.1:${httpPort}/ready`, signal),
    readyDeadlineMs: appReadyDeadlineMs,
  };
}

function migrations(context: AppContext): Component {
  return {
    ...nodeComponent('migrations', migrateMainFile, null, context),
    after: ['postgres'],
    runs: 'once',
    probe: () => Promise.resolve(null),
    readyDeadlineMs: migrateDeadlineMs,
  };
}

/** What an app is told that no other is. */
export function specialEnvironment(
  folder: StackFolder,
  plan: StackPlan,
  name: string,
): Readonly<Record<string, string>> {
  return appOfComponent(name) === 'lockmgr' ? memberEnvironment(folder, plan, name) : {};
}

function nodeComponent(name: string, file: string, port: number | null, context: AppContext) {
  const logFile = logFileOf(context.folder, name);
  return {
    name,
    port,
    logFile,
    external: false,
    launch: () =>
      spawnInstance({
        command: process.execPath,
        args: [file],
        cwd: repositoryDir,
        env: appEnvironment({
          base: process.env,
          connections: context.connections(),
          folder: context.folder.path,
          port,
          special: specialEnvironment(context.folder, context.plan, name),
        }),
        logFile,
        graceMs: appGraceMs + killMarginMs,
      }),
  };
}
