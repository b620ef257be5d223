/** Which snapshot a node starts from: the newest that is whole, if the log goes on from it. */
import { assert } from '@windlass/base';
import { damaged, type WalDamage, WalDamagedError, WalDamageKind } from './damage.ts';
import { receivedSuffix, snapshotName, snapshotPlace } from './names.ts';
import type { Replay } from './replay.ts';
import { readSnapshotFrames, readSnapshotHeader } from './snapshot-file.ts';
import type { StoredSnapshot, StoreSettings } from './snapshot-store.ts';

type Settings = Omit<StoreSettings, 'latch'>;

export type ChosenSnapshot = {
  readonly snapshot: StoredSnapshot | null;
  /** The one before it, unread. */
  readonly older: StoredSnapshot | null;
  /** Of newer ones that are damaged, and removed. */
  readonly warnings: readonly WalDamage[];
};

/** Throws WalDamagedError where none will do. */
export async function chooseSnapshot(
  settings: Settings,
  names: readonly string[],
  replay: Replay,
): Promise<ChosenSnapshot> {
  const saved = await settleReceived(settings, names, replay);
  const warnings: WalDamage[] = [];
  const newestFirst = saved.toReversed();
  for (const [place, name] of newestFirst.entries()) {
    if ((snapshotPlace(name)?.index ?? 0) < replay.base.index) break;
    try {
      const snapshot = await verify(settings, name, replay);
      await removeAll(settings, newestFirst.slice(0, place));
      const older = newestFirst[place + 1];
      await removeAll(settings, newestFirst.slice(place + 2));
      return {
        snapshot,
        older: older === undefined ? null : await unread(settings, older),
        warnings,
      };
    } catch (error) {
      if (!(error instanceof WalDamagedError) || !isDamage(error.damage)) throw error;
      warnings.push(error.damage);
    }
  }
  if (replay.base.index > 0) throw noneFits(warnings, replay);
  await removeAll(settings, newestFirst);
  return { snapshot: null, older: null, warnings };
}

/** Only what damage did to a file can be stood in for by another one. */
function isDamage(damage: WalDamage): boolean {
  return damage.kind === WalDamageKind.DamagedSnapshot;
}

function noneFits(warnings: readonly WalDamage[], replay: Replay): WalDamagedError {
  const [newest] = warnings;
  if (newest !== undefined) return new WalDamagedError(newest);
  const { index, term } = replay.base;
  const message = `is missing: the log begins after index ${index}`;
  return damaged(WalDamageKind.MissingSnapshot, snapshotName(index, term), 0, message);
}

/** Names of the saved ones, ascending, after a received one has got its name or is removed. */
async function settleReceived(
  settings: Settings,
  names: readonly string[],
  replay: Replay,
): Promise<readonly string[]> {
  const { files, folder } = settings;
  const saved = names.filter((name) => snapshotPlace(name) !== null);
  for (const name of names.filter((each) => each.endsWith(receivedSuffix))) {
    const finalName = name.slice(0, -receivedSuffix.length);
    const { installed } = replay;
    if (installed === null || finalName !== snapshotName(installed.index, installed.term)) {
      await files.remove(`${folder}/${name}`);
    } else {
      await files.rename(`${folder}/${name}`, `${folder}/${finalName}`);
      await files.syncFolder(folder);
      if (!saved.includes(finalName)) saved.push(finalName);
    }
  }
  return saved.sort();
}

/** Reads it whole, and compares it with the log. */
async function verify(settings: Settings, name: string, replay: Replay): Promise<StoredSnapshot> {
  const { files, folder, logId } = settings;
  const file = await files.open(`${folder}/${name}`, 'read');
  try {
    const { description, framesAt, checksum } = await readSnapshotHeader(file, logId, name);
    const { index, term } = description;
    if (snapshotName(index, term) !== name) {
      const message = `is the snapshot of index ${index} and term ${term} by its own header`;
      throw damaged(WalDamageKind.Inconsistent, name, 0, message);
    }
    let stateBytes = 0;
    for await (const piece of readSnapshotFrames(file, name, framesAt, checksum)) {
      stateBytes += piece.length;
    }
    const logTerm = replay.termAt(index);
    if (logTerm !== null && logTerm !== term) {
      const message = `has term ${term} at index ${index}, where the log has ${logTerm}`;
      throw damaged(WalDamageKind.Inconsistent, name, 0, message);
    }
    return { name, description, stateBytes };
  } finally {
    await file.close();
  }
}

/** The description comes from the name: it is read only if it has to stand in, by an opening. */
async function unread(settings: Settings, name: string): Promise<StoredSnapshot | null> {
  const place = snapshotPlace(name);
  assert(place !== null, 'the name is one of a snapshot');
  const { files, folder, logId } = settings;
  const file = await files.open(`${folder}/${name}`, 'read');
  try {
    const { description } = await readSnapshotHeader(file, logId, name);
    return { name, description, stateBytes: 0 };
  } catch (error) {
    if (!(error instanceof WalDamagedError)) throw error;
    // It can't stand in for anything.
    await files.remove(`${folder}/${name}`);
    return null;
  } finally {
    await file.close();
  }
}

async function removeAll(settings: Settings, names: readonly string[]): Promise<void> {
  for (const name of names) await settings.files.remove(`${settings.folder}/${name}`);
}
