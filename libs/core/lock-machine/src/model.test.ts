/** The machine against a model that is checked by reading, with snapshots taken in between. */
import { type Random, seededRandom } from '@windlass/base';
import type { Command } from '@windlass/lock-wire';
import { describe, expect, it } from 'vitest';
import { LockMachine } from './lock-machine.ts';
import { stateText } from './testing/machine-driver.ts';
import { NaiveModel } from './testing/naive-model.ts';
import { randomCommand } from './testing/random-commands.ts';
import type { ApplyOutput, EntryPosition, MachineSnapshot } from './types.ts';

/** In parts, each with the time of a test for itself. */
const partCount = 4;
const runsPerPart = 500;
const entriesPerRunMax = 24;

type Entry = { readonly position: EntryPosition; readonly commands: readonly Command[] };

/** A snapshot under way, and what has been applied since it began. */
type Copy = { readonly snapshot: MachineSnapshot; pieces: Uint8Array[]; entries: Entry[] };

describe('the machine and the naive model', () => {
  const seen = new Map<string, number>();

  it.each(Array.from({ length: partCount }, (_, part) => part))(
    'say the same, whatever happens, also from a restored snapshot (part %i)',
    (part) => {
      const first = part * runsPerPart;
      const seeds = Array.from({ length: runsPerPart }, (_, index) => first + index);
      expect(() => seeds.forEach((seed) => run(seed, seen))).not.toThrow();
    },
  );

  it('have been compared on what matters', () => {
    expect(seen.get('restored with entries in between') ?? 0).toBeGreaterThan(200);
    expect(seen.get('granted from a queue') ?? 0).toBeGreaterThan(1_000);
    for (let code = 0; code <= 11; code += 1) {
      expect(seen.get(`code ${code}`) ?? 0, `code ${code}`).toBeGreaterThan(50);
    }
  });
});

function run(seed: number, seen: Map<string, number>): void {
  const random = seededRandom(seed);
  const model = new NaiveModel();
  let machine = new LockMachine();
  let copy: Copy | null = null;
  const entries = random.integer(8, entriesPerRunMax);
  for (let index = 1; index <= entries; index += 1) {
    const position = { index: 2 * index, term: 5 + Math.floor(index / 10) };
    const commands: Command[] = [];
    const expected: ApplyOutput[] = [];
    // The model goes first, command by command: the generator looks at it.
    for (let left = random.integer(1, 3); left > 0; left -= 1) {
      const command = randomCommand({ random, model, ...position });
      commands.push(command);
      expected.push(model.apply(position, [command]));
    }
    const output = machine.apply(position, commands);
    sameText(textOf(output), textOf(mergedOutputs(expected)), `seed ${seed}, entry ${index}`);
    sameText(textOf(machine.checkInvariants()), '[]', `seed ${seed}, entry ${index}`);
    count(seen, output, commands);
    copy?.entries.push({ position, commands });
    if (copy === null && random.chance(0.1)) {
      copy = { snapshot: machine.snapshot(), pieces: [], entries: [] };
    } else if (copy !== null) {
      const restored = stepCopy(copy, machine, random, seen);
      if (restored !== null) copy = null;
      machine = restored ?? machine;
    }
  }
}

/** Takes some pieces; at the end, the restored machine, which has caught up with the other. */
function stepCopy(
  copy: Copy,
  machine: LockMachine,
  random: Random,
  seen: Map<string, number>,
): LockMachine | null {
  for (let left = random.integer(0, 4); left > 0; left -= 1) {
    const piece = copy.snapshot.next(random.pick([1, 1, 40]));
    if (piece !== null) {
      copy.pieces.push(piece);
      continue;
    }
    const restored = restoredFrom(copy.pieces, random);
    expect(restored.appliedIndex).toBe(copy.snapshot.index);
    expect(restored.checkInvariants()).toEqual([]);
    for (const { position, commands } of copy.entries) restored.apply(position, commands);
    expect(stateText(restored)).toBe(stateText(machine));
    if (copy.entries.length > 1) add(seen, 'restored with entries in between');
    copy.snapshot.close();
    return restored;
  }
  return null;
}

/** From pieces that are cut anew: where the chunks end must not matter. */
function restoredFrom(pieces: readonly Uint8Array[], random: Random): LockMachine {
  const bytes = pieces.flatMap((piece) => [...piece]);
  const restore = LockMachine.restore();
  for (let start = 0; start < bytes.length; ) {
    const end = start + random.integer(1, 50);
    restore.push(Uint8Array.from(bytes.slice(start, end)));
    start = end;
  }
  const restored = restore.finish();
  if (!restored.ok) throw new Error(JSON.stringify(restored.error));
  return restored.value;
}

function mergedOutputs(outputs: readonly ApplyOutput[]): ApplyOutput {
  return {
    results: outputs.flatMap(({ results }) => results),
    lost: outputs.flatMap(({ lost }) => lost),
    events: outputs.flatMap(({ events }) => events),
    outcomes: outputs.flatMap(({ outcomes }) => outcomes),
  };
}

/** `expect` would take longer than all that is compared here. */
function sameText(actual: string, expected: string, message: string): void {
  if (actual !== expected) throw new Error(`${message}:\n${actual}\ninstead of\n${expected}`);
}

function textOf(value: unknown): string {
  return JSON.stringify(value);
}

function count(
  seen: Map<string, number>,
  output: ReturnType<LockMachine['apply']>,
  commands: readonly Command[],
): void {
  for (const { result } of output.results) add(seen, `code ${result.code}`);
  const operations = commands.filter(({ kind }) => kind === 'operation').length;
  if (output.results.length > operations) add(seen, 'granted from a queue');
}

function add(seen: Map<string, number>, what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1);
}
