/**
 * A process of its own that appends until it is killed: kill.integration.test.ts. Writes the index of
 * each acknowledged batch to its standard output, synchronously, so that none is lost with it.
 */
import { writeSync } from 'node:fs';
import { argv } from 'node:process';
import { openWal } from '../open-wal.ts';
import { command, identity, snapshotAt, stateOf } from './sample-data.ts';

const [, , folder = ''] = argv;
const result = await openWal(folder, { segmentBytes: 64 * 1_024 });
if (!result.ok) throw new Error(result.error.message);
const { wal, start, identity: found } = result.value;
if (found === null) await wal.setIdentity(identity);
let index = (start.entries.at(-1)?.index ?? start.snapshot?.index ?? 0) + 1;
let saving = Promise.resolve();
for (;;) {
  const count = 1 + (index % 5);
  const entries = Array.from({ length: count }, (_, place) =>
    command(index + place, 1, (index * 37) % 3_000),
  );
  index += count;
  await wal.append({ hardState: { term: 1, votedFor: 7, commit: index - 1 }, entries });
  writeSync(1, `${index - 1}\n`);
  if (index % 40 < 5) {
    await saving;
    const description = snapshotAt(index - 1, 1);
    if (description.index > wal.stats().snapshotIndex) {
      saving = wal
        .saveSnapshot(description, stateOf(description))
        .then(() => wal.compact(description.index));
    }
  }
}
