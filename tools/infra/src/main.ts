/**
 * Builds the pinned servers, unless they are built: node tools/infra/src/main.ts
 *
 *   (no argument)  builds what is missing and says where it is
 *   where          prints the folder of the programs, for a PATH; exit 1 when they aren't built
 */
import { locateServers, ServersMissingError } from '@windlass/testkit';
import { BuildError, ensureServers } from './ensure.ts';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => interrupted.abort(new BuildError(`interrupted by ${signal}`)));
}
const [command = 'build', ...rest] = process.argv.slice(2);
try {
  process.exitCode = await run(command, rest);
} catch (error) {
  if (!(error instanceof BuildError || error instanceof ServersMissingError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function run(name: string, more: readonly string[]): Promise<number> {
  if (more.length > 0 || (name !== 'build' && name !== 'where')) {
    process.stderr.write('usage: node tools/infra/src/main.ts [build | where]\n');
    return 2;
  }
  if (name === 'build') {
    await ensureServers({ output: process.stderr, signal: interrupted.signal });
  } else {
    process.stdout.write(`${locateServers().binDir ?? 'on the PATH'}\n`);
  }
  return 0;
}
