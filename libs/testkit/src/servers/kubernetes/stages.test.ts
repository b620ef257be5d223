import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeKwokConfig } from './stages.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'windlass-stages-'));
  mkdirSync(join(folder, 'stages/pod/general'), { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true }));

function configOf(stage: string): string {
  writeFileSync(join(folder, 'stages/pod/general/stage.yaml'), stage);
  const file = join(folder, 'kwok.yaml');
  writeKwokConfig(file, {
    stagesDir: join(folder, 'stages'),
    podStepMs: 50,
    podLogFile: join(folder, 'pod.log'),
  });
  return readFileSync(file, 'utf8');
}

const delays = '  delay:\n    durationMilliseconds: 1000\n    jitterDurationMilliseconds: 5000\n';

describe('writeKwokConfig', () => {
  it('shortens the delays, and keeps pods that ask for it from becoming ready', () => {
    const config = configOf(
      `metadata:\n  name: pod-ready\nspec:\n  selector:\n    matchExpressions:\n    - key: x\n${delays}`,
    );
    expect(config).toContain('durationMilliseconds: 50\n    jitterDurationMilliseconds: 100\n');
    expect(config).toContain(
      `    matchExpressions:\n    - key: '.metadata.labels["pod-never-ready.stage.kwok.x-k8s.io"]'`,
    );
    expect(config).toContain('name: pod-crash-loop\n');
    expect(config).toContain('"kind":"ClusterLogs"');
  });

  it('refuses stages whose delays it does not know', () => {
    expect(() => configOf('  delay:\n    durationMilliseconds: 900\n')).toThrow(/other delays/);
  });
});
