/** Two tasks and one lock, through the library: `node locks.ts 127.0.0.1:9090`. */
import { parseArgs } from 'node:util';
import { createFencingGuard, createLockClient } from '@windlass/lock-client';

const { positionals } = parseArgs({ allowPositionals: true });
const [address = '127.0.0.1:9090'] = positionals;

await using locks = createLockClient({ addresses: [address], clientName: 'typescript example' });

// What the lock protects: it refuses whoever comes with an older token.
const guard = createFencingGuard();
const written: string[] = [];

async function write(text: string): Promise<void> {
  await using lock = await locks.acquire('example/invoice-42', { waitMs: 5_000 });
  lock.signal.throwIfAborted();
  const verdict = guard.check(lock);
  if (!verdict.ok) throw new Error(`somebody else got the lock: ${verdict.highestExclusiveToken}`);
  written.push(text);
  process.stdout.write(`${text} with token ${lock.token}\n`);
}

await Promise.all([write('first'), write('second')]);
process.stdout.write(`written: ${written.join(', ')}\n`);
