/**
 * Scripts in testdata: each line of a step is one command, and a step is one entry of the log.
 *
 *   entry [term=2]
 *   a acquire k seq=1 wait=1000
 *   expire b last=3
 *   ----
 *   what came of it, in order
 *
 * Sessions are named a to z; `show` prints locks and sessions. After each entry the invariants are
 * checked, and everything goes on in a machine that was restored from a snapshot of the one before.
 */
import { type Directive, runScripts } from '@windlass/testkit';
import { LockMachine } from './lock-machine.ts';
import { readCommand } from './testing/script-commands.ts';
import { printLock, printOutput, printSession } from './testing/script-printing.ts';

await runScripts(new URL('./testdata/', import.meta.url), () => {
  let machine = new LockMachine();
  return (directive: Directive): string => {
    if (directive.name === 'show') return show(machine, directive.positional);
    if (directive.name !== 'entry') throw new Error(`${directive.location}: no such directive`);
    const [term = '1'] = directive.named.get('term') ?? [];
    const position = { index: machine.appliedIndex + 1, term: Number(term) };
    const commands = directive.input.split('\n').map(readCommand);
    const output = machine.apply(position, commands);
    const broken = machine.checkInvariants();
    machine = restored(machine);
    return [...printOutput(output), ...broken].join('\n');
  };
});

/** Keys, or session:a, or counts. */
function show(machine: LockMachine, names: readonly string[]): string {
  const lines = names.flatMap((name) => {
    if (name === 'counts') {
      const { sessions, locks, holds, waiters, lastToken, version } = machine.counts();
      return [
        `sessions=${sessions} locks=${locks} holds=${holds} waiters=${waiters} token=${lastToken} version=${version}`,
      ];
    }
    return name.startsWith('session:')
      ? [printSession(machine, name.slice('session:'.length))]
      : printLock(machine.get(name), name);
  });
  return lines.join('\n');
}

function restored(machine: LockMachine): LockMachine {
  const snapshot = machine.snapshot();
  const restore = LockMachine.restore();
  for (let piece = snapshot.next(64); piece !== null; piece = snapshot.next(64)) {
    restore.push(piece);
  }
  snapshot.close();
  const read = restore.finish();
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}
