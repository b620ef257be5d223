/** A disk that refuses to read (EIO) is damage, with the file and the place that it refused. */
import { basename } from 'node:path';
import { damaged, WalDamageKind } from './damage.ts';
import type { WalFile, WalFiles } from './files.ts';
import { hasCode } from './system-error.ts';

/** The same files; a read that fails with EIO throws WalDamagedError. */
export function tellingUnreadable(files: WalFiles): WalFiles {
  return {
    ...files,
    open: async (path, mode) => withNamedReads(await files.open(path, mode), basename(path)),
  };
}

function withNamedReads(file: WalFile, name: string): WalFile {
  return {
    ...file,
    read: async (into, position) => {
      try {
        return await file.read(into, position);
      } catch (error) {
        if (!hasCode(error, 'EIO')) throw error;
        const message = "can't be read (EIO)";
        throw damaged(WalDamageKind.Unreadable, name, position, message);
      }
    },
  };
}
