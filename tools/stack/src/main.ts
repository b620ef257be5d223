/**
 * The commands of the local stack: `node tools/stack/src/main.ts <command>`, which the Makefile
 * calls. Settings come from the environment and from .env; see settings.ts.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadSettings } from '@windlass/config';
import { clean } from './commands/clean.ts';
import { docs } from './commands/docs.ts';
import { CommandFailure } from './commands/failure.ts';
import { logs } from './commands/logs.ts';
import { restartApp } from './commands/restart-app.ts';
import { run } from './commands/run.ts';
import { appOfCommand, runApp } from './commands/run-app.ts';
import { status } from './commands/status.ts';
import { stop } from './commands/stop.ts';
import { bad } from './print.ts';
import { type StackSettings, stackSettings } from './settings.ts';
import { repositoryDir, type StackFolder, stackFolder } from './state/folder.ts';

/** Exit code for a command line that isn't understood. */
const exitUsage = 2;

// What is set in the shell goes before what is in the file.
const environmentFile = join(repositoryDir, '.env');
if (existsSync(environmentFile)) process.loadEnvFile(environmentFile);

const [command = '', ...argv] = process.argv.slice(2);
// A reader that closes early, such as head, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
try {
  const settings = loadSettings(stackSettings, { argv, env: process.env });
  process.exit(await perform(command, stackFolder(settings.stack), settings));
} catch (error) {
  if (!(error instanceof CommandFailure)) throw error;
  bad(error.message);
  process.exit(1);
}

async function perform(
  name: string,
  folder: StackFolder,
  settings: StackSettings,
): Promise<number> {
  const app = appOfCommand(name);
  if (app !== null) return runApp(folder, settings, app);
  switch (name) {
    case 'run':
      return run(folder, settings);
    case 'stop':
      return stop(folder);
    case 'restart':
      if (settings.app !== null) return restartApp(folder, settings, settings.app);
      return (await stop(folder)) || run(folder, { ...settings, tour: false });
    case 'status':
      return status(folder);
    case 'logs':
      return logs(folder, {
        component: settings.app,
        linesMax: settings.lines,
        follow: settings.follow ?? process.stdout.isTTY,
      });
    case 'docs':
      return docs(folder);
    case 'clean':
      return clean(folder);
    default:
      bad(`${name === '' ? 'a command is missing' : `${name} is no command`}; see make help`);
      return exitUsage;
  }
}
