/** Runs a workload, goes back to each operation that the disk saw, and crashes there. */
import { assert, type Random } from '@windlass/base';
import { expect } from 'vitest';
import { openWal } from '../open-wal.ts';
import type { WalOptions } from '../types.ts';
import { type CrashKind, type DiskOperation, MemoryDisk } from './memory-disk.ts';
import { appended, expectOneOf, lastIndexOf } from './model-log.ts';
import { command, identity } from './sample-data.ts';
import { type Expectation, opened, Workload } from './workload.ts';

const folder = '/node';
const walOptions: WalOptions = { segmentBytes: 4_096, markSyncDelayMs: 1, lockWaitMs: 0 };

type CrashSettings = {
  readonly steps: number;
  /** Different power cuts at each operation. */
  readonly powerCuts: number;
  /** How often the log that was opened is written to and opened once more, 0 to 1. */
  readonly writesOn: number;
};

export async function crashEverywhere(
  random: Random,
  settings: CrashSettings,
): Promise<{ openings: number; kinds: ReadonlySet<DiskOperation['kind']> }> {
  const disk = new MemoryDisk();
  const first = await opened(folder, { ...walOptions, files: disk.files() });
  await first.wal.setIdentity(identity);
  const workload = new Workload(first.wal, disk, random.child('workload'), 400);
  await workload.run(settings.steps);
  await first.wal.close();

  const crashes: CrashKind[] = ['process', 'torn-write', 'nothing-unsynced'];
  for (let cut = 0; cut < settings.powerCuts; cut += 1) crashes.push('power-cut');
  const replayed = new MemoryDisk();
  let openings = 0;
  let expectation: Expectation | null = null;
  for (const [place, operation] of disk.journal.entries()) {
    replayed.journal.push(operation);
    replayed.apply(operation);
    if (operation.kind === 'note') expectation = workload.expectations[operation.note] ?? null;
    for (const kind of crashes) {
      const chance = random.child(`crash ${place} ${openings}`);
      const context = `${kind} after operation ${place} (${operation.kind})`;
      const left = replayed.crashed(kind, chance);
      await openCrashed(left, expectation, context, chance.chance(settings.writesOn));
      openings += 1;
    }
  }
  return { openings, kinds: new Set(disk.journal.map((operation) => operation.kind)) };
}

/** Opens what a crash left, compares, goes on writing, and opens again. */
async function openCrashed(
  disk: MemoryDisk,
  expectation: Expectation | null,
  context: string,
  writesOn: boolean,
): Promise<void> {
  const options = { ...walOptions, files: disk.files() };
  const result = await openWal(folder, options);
  if (!result.ok) {
    expect.unreachable(`${context}: ${result.error.kind} ${result.error.message}`);
  }
  assert(result.ok, 'checked');
  const { wal, start, warnings } = result.value;
  expect(warnings).toEqual([]);
  if (expectation === null) {
    await wal.close();
    return;
  }
  const models = [expectation.acknowledged, ...expectation.underWay];
  const found = await expectOneOf(result.value, models, context);
  expect(start.snapshot?.index ?? 0).toBeGreaterThanOrEqual(expectation.snapshotIndexMin);
  if (!writesOn) {
    await wal.close();
    return;
  }
  const { hardState } = start;
  const next = Math.max(lastIndexOf(found), start.snapshot?.index ?? 0) + 1;
  const batch = { hardState, entries: [command(next, hardState.term, 700)] };
  await wal.append(batch);
  await wal.close();
  const again = await opened(folder, options);
  await expectOneOf(again, [appended(found, batch)], `${context}, opened again`);
  await again.wal.close();
}
