/** `npm run bench -- <name>`: one benchmark; without a name, what there is. */
import { benchAccept } from './benches/accept.ts';
import { benchDeployments } from './benches/deployments.ts';
import { benchFailover } from './benches/failover.ts';
import { benchLocks } from './benches/locks.ts';
import { benchMemory } from './benches/memory.ts';
import { benchSync } from './benches/sync.ts';
import { printMachine } from './parts/report.ts';

const benches: Readonly<Record<string, (argv: readonly string[]) => Promise<void>>> = {
  accept: benchAccept,
  deployments: benchDeployments,
  failover: benchFailover,
  locks: benchLocks,
  memory: benchMemory,
  sync: benchSync,
};

const name = process.argv[2] ?? '';
const bench = benches[name];
if (bench === undefined) {
  console.error(`usage: npm run bench -- <${Object.keys(benches).join('|')}>`);
  process.exit(2);
}
printMachine();
await bench(process.argv.slice(3));
