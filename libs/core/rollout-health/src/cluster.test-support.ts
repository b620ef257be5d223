/**
 * A cluster in a few words, for tests. One object per line; what follows ` :: ` is its message.
 *
 *   deployment replicas=3 current=4 updated=1 ready=3 available=3 generation=2 observed=2 paused deleting
 *   condition Progressing=False reason=ProgressDeadlineExceeded :: text
 *   rs new revision=2 [foreign]
 *   pod a of=new phase=Pending [reason=Evicted] [deleting]
 *   pod-condition a PodScheduled=False reason=Unschedulable :: text
 *   container a web [init] [ready] [restarts=3] waiting=CrashLoopBackOff :: text
 *   container a web running last=OOMKilled/137
 *   container a web terminated=Error/1
 *   event a Unhealthy at=10 :: text
 *
 * Nothing at all is a cluster without the deployment. Counts that are left out are 0.
 */
import { required } from '@windlass/base';
import type {
  ContainerState,
  ContainerStatus,
  EventObject,
  PodObject,
  ReplicaSetObject,
  RolloutInput,
  StatusCondition,
} from './objects.ts';

type Line = {
  readonly kind: string;
  readonly words: readonly string[];
  readonly named: ReadonlyMap<string, string>;
  readonly message: string | undefined;
};

export function readCluster(text: string): RolloutInput {
  const lines = text.split('\n').filter((line) => line !== '');
  const all = lines.map(readLine);
  const of = (kind: string) => all.filter((line) => line.kind === kind);
  const head = of('deployment')[0];
  return {
    deployment: head === undefined ? null : readDeployment(head, of('condition')),
    replicaSets: of('rs').map(readReplicaSet),
    pods: of('pod').map((pod) => readPod(pod, of('pod-condition'), of('container'))),
    events: of('event').map(readEvent),
  };
}

function readLine(text: string): Line {
  const [head = '', message] = text.split(' :: ');
  const [kind = '', ...rest] = head.trim().split(/\s+/);
  const named = rest.flatMap((word) => {
    const [name, value] = word.split('=');
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  const words = rest.filter((word) => !word.includes('='));
  return { kind, words, named: new Map(named), message };
}

function readDeployment(line: Line, conditions: readonly Line[]): RolloutInput['deployment'] {
  const count = (name: string, otherwise = 0) => Number(line.named.get(name) ?? otherwise);
  return {
    metadata: {
      name: 'web',
      uid: 'uid-deployment',
      generation: count('generation', 1),
      deletionTimestamp: line.words.includes('deleting') ? '2031-01-01T00:00:00Z' : undefined,
    },
    spec: {
      replicas: line.named.has('replicas') ? count('replicas') : undefined,
      paused: line.words.includes('paused'),
    },
    status: {
      observedGeneration: count('observed', 1),
      replicas: count('current'),
      updatedReplicas: count('updated'),
      readyReplicas: count('ready'),
      availableReplicas: count('available'),
      conditions: conditions.map(readCondition),
    },
  };
}

function readCondition(line: Line): StatusCondition {
  const [type, status] = required(
    [...line.named].find(([name]) => name !== 'reason'),
    'a condition',
  );
  return { type, status, reason: line.named.get('reason'), message: line.message };
}

function readReplicaSet(line: Line): ReplicaSetObject {
  const name = required(line.words[0], 'the name of a replica set');
  return {
    metadata: {
      name,
      uid: `uid-${name}`,
      creationTimestamp: line.named.get('created'),
      annotations: { 'deployment.kubernetes.io/revision': line.named.get('revision') ?? '' },
      ownerReferences: [{ uid: line.words.includes('foreign') ? 'uid-other' : 'uid-deployment' }],
    },
  };
}

function readPod(line: Line, conditions: readonly Line[], containers: readonly Line[]): PodObject {
  const name = required(line.words[0], 'the name of a pod');
  const mine = (other: Line) => other.words[0] === name;
  const statuses = containers.filter(mine);
  const isInit = (other: Line) => other.words.includes('init');
  return {
    metadata: {
      name,
      uid: `uid-${name}`,
      deletionTimestamp: line.words.includes('deleting') ? '2031-01-01T00:00:00Z' : undefined,
      ownerReferences: [{ uid: `uid-${line.named.get('of')}` }],
    },
    status: {
      phase: line.named.get('phase') ?? 'Running',
      reason: line.named.get('reason'),
      message: line.message,
      conditions: conditions.filter(mine).map(readCondition),
      initContainerStatuses: statuses.filter(isInit).map(readContainer),
      containerStatuses: statuses.filter((other) => !isInit(other)).map(readContainer),
    },
  };
}

function readContainer(line: Line): ContainerStatus {
  const waiting = line.named.get('waiting');
  const terminated = line.named.get('terminated');
  const last = line.named.get('last');
  const state: ContainerState = {
    waiting: waiting === undefined ? undefined : { reason: waiting, message: line.message },
    running: line.words.includes('running') ? {} : undefined,
    terminated: terminated === undefined ? undefined : readExit(terminated),
  };
  return {
    name: line.words[1],
    ready: line.words.includes('ready'),
    restartCount: Number(line.named.get('restarts') ?? 0),
    state,
    lastState: last === undefined ? {} : { terminated: readExit(last) },
  };
}

function readExit(text: string) {
  const [reason, exitCode] = text.split('/');
  return { reason, exitCode: Number(exitCode) };
}

/** Minutes of one hour stand for the time; the object is named as above, or is `deployment`. */
function readEvent(line: Line): EventObject {
  const [name, reason] = line.words;
  const minute = (line.named.get('at') ?? '0').padStart(2, '0');
  return {
    involvedObject: { uid: `uid-${name}`, name },
    type: line.words.includes('normal') ? 'Normal' : 'Warning',
    reason,
    message: line.message,
    lastTimestamp: `2031-01-01T00:${minute}:00Z`,
  };
}
