/**
 * What KWOK plays on nodes and pods: the stages of its own module, and two more of ours.
 *
 * A pod asks for a failure by a label, each with the value "true":
 *
 *   pod-container-running-failed.stage.kwok.x-k8s.io       ends with an error; the pod is Failed,
 *                                                          so that its replica set makes another
 *   pod-init-container-running-failed.stage.kwok.x-k8s.io  the same in an init container
 *   pod-crash-loop.stage.kwok.x-k8s.io                     CrashLoopBackOff, restarts count up
 *   pod-image-pull-failure.stage.kwok.x-k8s.io             ImagePullBackOff
 *   pod-never-ready.stage.kwok.x-k8s.io                    stays in ContainerCreating
 *
 * The first two are KWOK's, and take its annotations for delay, reason, message and exit code.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert } from '@windlass/base';

const ownStagesDir = fileURLToPath(new URL('stages/', import.meta.url));

export type StagesOptions = {
  /** KWOK's stages, as tools/infra copied them. */
  readonly stagesDir: string;
  /** A pod takes each step after this long, up to twice as long. */
  readonly podStepMs: number;
  /** What every container has logged, in the format of container runtimes (CRI). */
  readonly podLogFile: string;
};

/** Writes KWOK's configuration: its stages and the containers' log. */
export function writeKwokConfig(file: string, options: StagesOptions): void {
  const now = new Date().toISOString();
  writeFileSync(
    options.podLogFile,
    `${now} stdout F KWOK simulates this pod: no container of it runs, and this is all it logs\n`,
  );
  const logs = {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'ClusterLogs',
    metadata: { name: 'every-container' },
    spec: { logs: [{ logsFile: options.podLogFile, previousLogsFile: options.podLogFile }] },
  };
  const documents = [...kwokStages(options), ...ownStages(), JSON.stringify(logs)];
  writeFileSync(file, documents.map((text) => `${text.trim()}\n`).join('---\n'));
}

function kwokStages(options: StagesOptions): string[] {
  const files = readdirSync(options.stagesDir, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .sort();
  return files.map((file) => {
    const text = readFileSync(join(options.stagesDir, file), 'utf8');
    return file.includes('pod/general/') ? adaptPodStage(text, options.podStepMs) : text;
  });
}

function ownStages(): string[] {
  const files = readdirSync(ownStagesDir).sort();
  return files.map((file) => readFileSync(join(ownStagesDir, file), 'utf8'));
}

/** The general stages imitate slow nodes, seconds per step; and know nothing of our labels. */
function adaptPodStage(text: string, podStepMs: number): string {
  const jitter = `jitterDurationMilliseconds: ${2 * podStepMs}`;
  const quick = text
    .replace(/\bdurationMilliseconds: 1000\b/, `durationMilliseconds: ${podStepMs}`)
    .replace(/\bjitterDurationMilliseconds: 5000\b/, jitter)
    // A deleted pod would use up its grace period.
    .replace(/jitterDurationFrom:\s+expressionFrom: '\.metadata\.deletionTimestamp'/, jitter);
  assert(quick.includes(jitter), 'a stage of kwok has other delays than those known here');
  if (!/^ {2}name: pod-ready$/m.test(quick)) return quick;
  const exceptions = ['pod-never-ready', 'pod-image-pull-failure'].flatMap((name) => [
    `    - key: '.metadata.labels["${name}.stage.kwok.x-k8s.io"]'`,
    `      operator: 'DoesNotExist'`,
  ]);
  const start = '    matchExpressions:\n';
  assert(quick.includes(start), "kwok's stage pod-ready has no match expressions any more");
  return quick.replace(start, `${start}${exceptions.join('\n')}\n`);
}
