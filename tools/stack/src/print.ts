/** How the commands speak: lines, marks, tables, times. */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Colours only where a terminal shows them; NO_COLOR is respected. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

export function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** A thing that worked. */
export function good(line: string): void {
  say(`${paint('green', '✓')} ${line}`);
}

/** A thing that the user must know or do. */
export function warn(line: string): void {
  say(`${paint('yellow', '!')} ${line}`);
}

/** A failure: on standard error. */
export function bad(line: string): void {
  process.stderr.write(`${paint('red', '✗')} ${line}\n`);
}

/** Rows with their columns aligned; the last column may be of any length. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** Such as `0.3 s`, `42 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, durationMs) / 1_000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 119.5) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
