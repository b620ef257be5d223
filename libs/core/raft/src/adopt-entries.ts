/** Configurations among entries that are already in the log. */
import { assert } from '@windlass/base';
import type { ConfigurationHistory } from './configuration.ts';
import { type Entry, EntryKind } from './types.ts';
import { decodeConfiguration } from './wire-configuration.ts';

export function adoptEntries(history: ConfigurationHistory, entries: readonly Entry[]): void {
  for (const entry of entries) {
    if (entry.kind !== EntryKind.Configuration) continue;
    const decoded = decodeConfiguration(entry.data);
    assert(decoded.ok, `the configuration at ${entry.index} was checked before it was logged`);
    history.adopt(entry.index, decoded.value);
  }
}
