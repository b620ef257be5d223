import { type Directive, runScripts } from '@windlass/testkit';
import {
  type ConfigurationChange,
  type Entry,
  EntryKind,
  type NodeId,
  type RaftSettings,
} from './index.ts';
import { configurationOf } from './node.test-support.ts';
import { ScriptCluster } from './script-cluster.test-support.ts';

await runScripts(new URL('./testdata/', import.meta.url), () => {
  const cluster = new ScriptCluster();
  return (directive) => {
    cluster.quiet = directive.named.has('quiet');
    run(cluster, directive);
    return cluster.output();
  };
});

/** The directives; what they print is explained in script-cluster.test-support.ts. */
function run(cluster: ScriptCluster, directive: Directive): void {
  const ids = directive.positional.map(Number);
  const [id = 0] = ids;
  const number = (key: string, otherwise: number): number =>
    Number(directive.named.get(key)?.[0] ?? otherwise);
  const listed = (key: string): readonly number[] => (directive.named.get(key) ?? []).map(Number);
  const everybody = new Set(ids.length > 0 ? ids : cluster.nodes.keys());
  switch (directive.name) {
    case 'add-nodes':
      addNodes(cluster, directive, ids, listed('learners'));
      return;
    case 'log':
      writeLog(cluster, id, listed('terms'), number('term', 0));
      return;
    case 'campaign':
      cluster.node(id).running.campaign();
      cluster.noteRole(cluster.node(id));
      return;
    case 'propose':
      propose(cluster, id, directive.positional.slice(1));
      return;
    case 'propose-conf':
      printResult(cluster, cluster.node(id).running.proposeConfiguration(changesOf(directive)));
      return;
    case 'transfer':
      printResult(cluster, cluster.node(id).running.transferLeadership(number('to', 0)));
      return;
    case 'read-index':
      printResult(cluster, cluster.node(id).running.readIndex());
      return;
    case 'tick':
      for (let count = 0; count < number('times', 1); count += 1) {
        cluster.node(id).running.tick();
        cluster.noteRole(cluster.node(id));
      }
      return;
    case 'work':
      for (const each of everybody) cluster.work(each);
      return;
    case 'finish-write':
      for (const each of everybody) cluster.finishWrite(each);
      return;
    case 'deliver':
      cluster.deliver(everybody, new Set(listed('drop')));
      return;
    case 'stabilize':
      cluster.stabilize(everybody);
      return;
    case 'cut':
      cluster.cut = new Set(ids);
      return;
    case 'slow-disk':
      cluster.slowDisks = new Set(ids);
      return;
    default:
      runRare(cluster, directive, ids, number);
  }
}

function runRare(
  cluster: ScriptCluster,
  directive: Directive,
  ids: readonly NodeId[],
  number: (key: string, otherwise: number) => number,
): void {
  const [id = 0] = ids;
  switch (directive.name) {
    case 'crash':
      for (const each of ids) cluster.node(each).crash();
      return;
    case 'restart':
      for (const each of ids) cluster.restart(each);
      return;
    case 'compact': {
      const snapshot = cluster.node(id).takeSnapshot(number('tail', 0));
      cluster.print(snapshot === null ? 'nothing to do' : `${snapshot.index}/${snapshot.term}`);
      return;
    }
    case 'report-unreachable':
      cluster.node(id).running.reportUnreachable(number('of', 0));
      return;
    case 'status':
      cluster.status(ids.length > 0 ? ids : cluster.nodes.keys());
      return;
    default:
      throw new Error(`${directive.location}: no such directive`);
  }
}

function addNodes(
  cluster: ScriptCluster,
  directive: Directive,
  voters: readonly NodeId[],
  learners: readonly NodeId[],
): void {
  const settings: Partial<Record<NumberSetting, number>> = {};
  for (const [key, values] of directive.named) {
    if (isSetting(key)) settings[key] = Number(values[0]);
    else if (key !== 'learners' && key !== 'empty') throw new Error(`no setting ${key}`);
  }
  const configuration = directive.named.has('empty') ? null : configurationOf(voters, learners);
  for (const id of [...voters, ...learners]) cluster.add(id, configuration, settings);
}

type NumberSetting = Exclude<keyof RaftSettings, 'random'>;

const numberSettings: readonly string[] = [
  'electionTicks',
  'heartbeatTicks',
  'appendBytesMax',
  'inflightMessagesMax',
  'inflightBytesMax',
  'uncommittedBytesMax',
] satisfies readonly NumberSetting[];

function isSetting(key: string): key is NumberSetting {
  return numberSettings.includes(key);
}

/** Puts a log on a node's disk, as a former life of the cluster left it, and starts the node. */
function writeLog(
  cluster: ScriptCluster,
  id: NodeId,
  terms: readonly number[],
  term: number,
): void {
  const node = cluster.node(id);
  node.disk.entries = terms.map(
    (each, position): Entry => ({
      index: position + 1,
      term: each,
      kind: EntryKind.Command,
      data: new TextEncoder().encode(`x${each}`),
    }),
  );
  const last = terms.at(-1) ?? 0;
  node.disk.hardState = { term: Math.max(term, last), votedFor: 0, commit: 0 };
  cluster.restart(id);
}

function propose(cluster: ScriptCluster, id: NodeId, items: readonly string[]): void {
  const bytes = items.map((item) => new TextEncoder().encode(item));
  const proposed = cluster.node(id).running.propose(bytes);
  cluster.print(
    proposed.ok ? `${proposed.value.firstIndex}..${proposed.value.lastIndex}` : proposed.error,
  );
}

function changesOf(directive: Directive): readonly ConfigurationChange[] {
  return directive.input
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [kind = '', text = ''] = line.split(' ');
      const id = Number(text);
      switch (kind) {
        case 'add-learner':
        case 'update':
          return { kind, member: { id, name: `node-${id}`, address: `node-${id}:9090` } };
        case 'promote':
        case 'remove':
          return { kind, id };
        default:
          throw new Error(`${directive.location}: no change ${kind}`);
      }
    });
}

function printResult(
  cluster: ScriptCluster,
  result: { ok: true; value: unknown } | { ok: false; error: string },
): void {
  cluster.print(result.ok ? JSON.stringify(result.value) : result.error);
}
