/**
 * Measures a disk: appends of 200 B and 4 KiB one after another, the time to assemble a batch, and
 * the opening of a log of 1,000,000 entries. `node measure.ts <empty folder>`
 */
import { argv } from 'node:process';
import { assert } from '@windlass/base';
import { crc32c } from '../crc32c.ts';
import { openWal } from '../open-wal.ts';
import type { OpenedWal, Wal } from '../types.ts';
import { identity } from './sample-data.ts';

const [, , folder = ''] = argv;
const entriesTotal = 1_000_000;

async function open(): Promise<OpenedWal> {
  const result = await openWal(folder);
  assert(result.ok, result.ok ? '' : result.error.message);
  return result.value;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function appends(wal: Wal, bytes: number, count: number): Promise<void> {
  const data = new Uint8Array(bytes).fill(7);
  const beforeSyncs = wal.stats().syncs;
  const times: number[] = [];
  const begunMs = performance.now();
  for (let round = 0; round < count; round += 1) {
    const index = wal.stats().lastIndex + 1;
    const startMs = performance.now();
    await wal.append({ hardState: null, entries: [{ index, term: 1, kind: 1, data }] });
    times.push(performance.now() - startMs);
  }
  const perSecond = (1_000 * count) / (performance.now() - begunMs);
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(share * count)] ?? 0).toFixed(3);
  const syncs = wal.stats().syncs - beforeSyncs;
  say(
    `${bytes} B: ${perSecond.toFixed(0)}/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${syncs} syncs`,
  );
}

function checksums(): void {
  const bytes = Buffer.alloc(4_096, 7);
  for (let round = 0; round < 20_000; round += 1) crc32c(bytes);
  const begunMs = performance.now();
  for (let round = 0; round < 20_000; round += 1) crc32c(bytes);
  say(`CRC32C of 4 KiB: ${(((performance.now() - begunMs) * 1_000) / 20_000).toFixed(2)} µs`);
}

async function fill(wal: Wal): Promise<void> {
  const data = new Uint8Array(100);
  for (let index = wal.stats().lastIndex + 1; index <= entriesTotal; index += 1_000) {
    const count = Math.min(1_000, entriesTotal - index + 1);
    const entries = Array.from({ length: count }, (_, place) => ({
      index: index + place,
      term: 1,
      kind: 1 as const,
      data,
    }));
    await wal.append({ hardState: null, entries });
  }
}

checksums();
const first = await open();
await first.wal.setIdentity(identity);
await appends(first.wal, 200, 5_000);
await appends(first.wal, 4_096, 5_000);
await fill(first.wal);
await first.wal.close();
const startMs = performance.now();
const again = await open();
const { length } = again.start.entries;
const { bytes } = again.wal.stats();
say(`open: ${length} entries, ${bytes} bytes, ${(performance.now() - startMs).toFixed(0)} ms`);
await again.wal.close();
