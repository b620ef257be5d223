/** What a benchmark prints: a table, and as its last line one that programs can read. */
import { cpus, totalmem } from 'node:os';

export type Row = Readonly<Record<string, string | number>>;

export type BenchResult = {
  /** Name of the figure, such as deployments.burst. */
  readonly name: string;
  readonly ours: number;
  /** Null where there is nothing to compare with. */
  readonly peer: number | null;
};

export function printTable(title: string, rows: readonly Row[]): void {
  const columns = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => columns.map((column) => cell(row[column])));
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...cells.map((row) => (row[index] ?? '').length)),
  );
  const line = (row: readonly string[]) =>
    row.map((text, index) => text.padEnd(widths[index] ?? 0)).join('  ');
  console.log(`\n${title}`);
  console.log(line(columns));
  console.log(widths.map((width) => '-'.repeat(width)).join('  '));
  for (const row of cells) console.log(line(row));
}

/** The line `RESULT {…}`: last of a benchmark. The ratio is ours / peer. */
export function printResult({ name, ours, peer }: BenchResult): void {
  const compared =
    peer === null ? { peer, ratio: null } : { peer: round(peer), ratio: round(ours / peer) };
  console.log(`RESULT ${JSON.stringify({ name, ours: round(ours), ...compared })}`);
}

/** The machine, for whoever compares figures later. */
export function printMachine(): void {
  const [first] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  console.log(
    `${cpus().length} × ${first?.model ?? 'unknown'}, ${gigabytes} GiB, ${process.version}`,
  );
}

function cell(value: string | number | undefined): string {
  return typeof value === 'number' ? String(round(value)) : (value ?? '');
}

function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 1_000) / 1_000;
}
