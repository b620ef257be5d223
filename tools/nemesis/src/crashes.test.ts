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
    for (const app of ['api', 'worker', 'watcher']) {
      writeFileSync(join(folder, `${app}.log`), crash + quiet);
    }
    const watch = watchCrashes(folder);
    expect(watch.check()).toEqual([]);
    appendFileSync(join(folder, 'api.log'), quiet + crash);
    writeFileSync(join(folder, 'worker.log'), crash);
    const found = watch.check();
    expect(found.map(({ rule, subject }) => `${rule} ${subject}`)).toEqual([
      'crashed api',
      'crashed worker',
    ]);
  });
});
