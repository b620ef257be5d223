/** `make logs`: the last lines of all components in the order of their times, or of one. */
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LogLine, mergeLines } from '../logs/merge.ts';
import { renderLine } from '../logs/render.ts';
import { tailOfFile } from '../logs/tail.ts';
import { say } from '../print.ts';
import type { StackFolder } from '../state/folder.ts';
import { logBytesMax, noteMark, supervisorName } from '../supervisor/log-files.ts';
import { CommandFailure } from './failure.ts';

export type LogsOptions = {
  /** Null for all components. */
  readonly component: string | null;
  readonly linesMax: number;
  readonly follow: boolean;
};

/** How soon a new line is shown. */
const pollMs = 200;

export async function logs(folder: StackFolder, options: LogsOptions): Promise<number> {
  const names = logNames(folder, options.component);
  const prefix = prefixer(names, options.component === null);
  const offsets = new Map<string, number>();
  const lines: LogLine[] = [];
  for (const name of names) {
    const path = join(folder.logs, `${name}.log`);
    offsets.set(name, statSync(path).size);
    for (const text of tailOfFile(path, options.linesMax)) {
      if (options.component === null && isRepeated(name, text)) continue;
      lines.push({ source: name, text });
    }
  }
  const merged = mergeLines(lines).slice(options.linesMax === 0 ? lines.length : -options.linesMax);
  for (const { source, text } of merged) say(prefix(source) + renderLine(text));
  if (options.follow) await follow(folder, options.component, offsets);
  return 0;
}

/** What the supervisor says of a component is in both logs: shown once where both are. */
function isRepeated(source: string, text: string): boolean {
  return source !== supervisorName && text.includes(` ${noteMark} `);
}

function logNames(folder: StackFolder, component: string | null): string[] {
  const present = existsSync(folder.logs) ? readdirSync(folder.logs) : [];
  const names = present.filter((name) => name.endsWith('.log')).map((name) => name.slice(0, -4));
  if (component === null) return names.sort();
  if (names.includes(component)) return [component];
  const known = names.length > 0 ? `; there are ${names.sort().join(', ')}` : '';
  throw new CommandFailure(`stack ${folder.stack} has no log of ${component}${known}`);
}

/** Shows what is appended, until the command is interrupted. */
async function follow(
  folder: StackFolder,
  component: string | null,
  offsets: Map<string, number>,
): Promise<never> {
  const rests = new Map<string, string>();
  for (;;) {
    await sleep(pollMs);
    // Components that start later get a log later.
    const names = logNames(folder, component);
    const prefix = prefixer(names, component === null);
    for (const name of names) {
      const read = readFrom(join(folder.logs, `${name}.log`), offsets.get(name) ?? 0);
      offsets.set(name, read.offset);
      const lines = ((rests.get(name) ?? '') + read.text).split('\n');
      rests.set(name, lines.pop() ?? '');
      const wanted = component === null ? lines.filter((text) => !isRepeated(name, text)) : lines;
      for (const line of wanted) say(prefix(name) + renderLine(line));
    }
  }
}

/** What was written after the offset; from the beginning where the file was cut meanwhile. */
function readFrom(path: string, from: number): { text: string; offset: number } {
  const size = statSync(path).size;
  const offset = size < from ? 0 : from;
  if (size === offset) return { text: '', offset };
  const buffer = Buffer.alloc(Math.min(size - offset, logBytesMax));
  const file = openSync(path, 'r');
  try {
    const read = readSync(file, buffer, 0, buffer.length, offset);
    return { text: buffer.toString('utf8', 0, read), offset: offset + read };
  } finally {
    closeSync(file);
  }
}

function prefixer(names: readonly string[], wanted: boolean): (name: string) => string {
  const width = Math.max(0, ...names.map((name) => name.length));
  return (name) => (wanted ? `${name.padEnd(width)} | ` : '');
}
