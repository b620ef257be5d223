import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { watchCrashes } from './crashes.ts';

const folder = mkdtempSync(join(tmpdir(), 'nemesis-'));
const crash = '{"level":"error","app":"api","msg":"app_crashed"}\n';
const quiet = '{"level":"info","app":"api","msg":"app_started"}\n';

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('watchCrashes', () => {
  it('finds what crashed since it began, also in a log that was cut', () => {
    for (const app of ['api', 'worker', 'watcher', 'worker-2']) {
      writeFileSync(join(folder, `${app}.log`), crash + quiet);
    }
    const watch = watchCrashes(folder, ['api', 'worker', 'watcher', 'worker-2']);
    expect(watch.check()).toEqual([]);
    appendFileSync(join(folder, 'api.log'), quiet + crash);
    writeFileSync(join(folder, 'worker-2.log'), crash);
    const found = watch.check();
    appendFileSync(join(folder, 'worker.log'), '{"level":"warn","msg":"claim_lost"}\n');
    expect(watch.claimsLost()).toBe(1);
    expect(found.map(({ rule, subject }) => `${rule} ${subject}`)).toEqual([
      'crashed api',
      'crashed worker-2',
    ]);
  });
});
