/** Flips bits and cuts files of a log at random, and opens it. */
import { type Random, required } from '@windlass/base';
import { expect } from 'vitest';
import { openWal } from '../open-wal.ts';
import type { WalOptions } from '../types.ts';
import { MemoryDisk } from './memory-disk.ts';
import { expectOneOf, type ModelLog } from './model-log.ts';
import { identity } from './sample-data.ts';
import { opened, Workload } from './workload.ts';

const folder = '/node';
const walOptions: WalOptions = { segmentBytes: 4_096, lockWaitMs: 0 };

type Tally = { right: number; damaged: number };

export async function fuzz(
  random: Random,
  settings: { readonly flips: number; readonly cuts: number },
): Promise<{ flips: Tally; cuts: Tally }> {
  const disk = new MemoryDisk();
  const { wal } = await opened(folder, { ...walOptions, files: disk.files() });
  await wal.setIdentity(identity);
  const workload = new Workload(wal, disk, random.child('workload'), 400);
  await workload.run(40);
  // As after a kill: nothing of what closing writes.
  const left = disk.crashed('process', random);
  await wal.close();

  const flips = { right: 0, damaged: 0 };
  for (let round = 0; round < settings.flips; round += 1) {
    const path = random.pick(left.paths());
    const contents = left.read(path);
    const at = random.integer(0, contents.length - 1);
    const bit = random.integer(0, 7);
    contents[at] = (contents[at] ?? 0) ^ (1 << bit);
    const context = `bit ${bit} of ${at} in ${path}`;
    await openHarmed(left, path, contents, workload.model, flips, context);
  }
  const cuts = { right: 0, damaged: 0 };
  for (let round = 0; round < settings.cuts; round += 1) {
    const path = random.pick(left.paths());
    const contents = left.read(path);
    const at = random.integer(0, contents.length - 1);
    const cut = contents.subarray(0, at);
    await openHarmed(left, path, cut, workload.model, cuts, `${path} cut at ${at}`);
  }
  return { flips, cuts };
}

async function openHarmed(
  left: MemoryDisk,
  path: string,
  contents: Buffer,
  model: ModelLog,
  tally: Tally,
  context: string,
): Promise<void> {
  const disk = new MemoryDisk();
  for (const each of left.paths()) disk.add(each, each === path ? contents : left.read(each));
  const result = await openWal(folder, { ...walOptions, files: disk.files() });
  if (!result.ok) {
    expect(result.error.message).not.toBe('');
    tally.damaged += 1;
    return;
  }
  const { start, warnings, identity: found } = result.value;
  await expectOneOf(result.value, [model], context);
  expect(found).toEqual(identity);
  if ((start.snapshot?.index ?? 0) !== (model.snapshot?.index ?? 0)) {
    expect(required(warnings[0], context).kind).toBe('damaged-snapshot');
  }
  await result.value.wal.close();
  tally.right += 1;
}
