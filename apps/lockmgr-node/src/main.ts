/** The process: a node with its settings and its end, or one of an operator's commands. */
import { loadSettings } from '@windlass/config';
import { serveProbes } from '@windlass/http';
import { type AppContext, bootApp, createHealth } from '@windlass/lifecycle';
import { type RunningLockmgr, startLockmgr } from './app.ts';
import { settings as definition, type LockmgrSettings } from './config.ts';
import { readCommandLine } from './operations/command-line.ts';
import { runCommand } from './operations/commands.ts';

const argv = process.argv.slice(2);
const command = readCommandLine(argv);
if (command.kind === 'run') {
  const settings = loadSettings(definition, { argv, env: process.env });
  await bootApp('lockmgr-node', settings, start);
} else process.exitCode = await runCommand(command, { env: process.env });

async function start(context: AppContext<LockmgrSettings>): Promise<void> {
  const { log, metrics, scope, settings } = context;
  const health = createHealth();
  const started = health.starting();
  let lockmgr: RunningLockmgr | null = null;
  await serveProbes(context, health, () => lockmgr?.info() ?? {});
  lockmgr = await startLockmgr({ settings, log, metrics, health, scope });
  started();
}
