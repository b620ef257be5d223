/** The end of a run, for people. */
import type { RunResult } from './nemesis.ts';
import type { SummaryRow, Violation } from './workloads/workload.ts';

/** More are counted, not shown: the first ones tell what is wrong. */
const shownMax = 20;

export function summaryLines(result: RunResult, rows: readonly SummaryRow[]): readonly string[] {
  const faults = [...result.faultCounts].toSorted(([left], [right]) => (left < right ? -1 : 1));
  const settled = result.settledAfterMs;
  return table([
    ...faults.map(([name, count]) => ({ name, value: String(count) })),
    ...rows,
    {
      name: 'right again after healing',
      value: settled === null ? 'never' : `${(settled / 1_000).toFixed(1)} s`,
    },
    { name: 'violations', value: String(result.violations.length) },
  ]);
}

function table(rows: readonly SummaryRow[]): readonly string[] {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows.map(({ name, value }) => `  ${name.padEnd(width)}  ${value}`);
}

export function violationLines(violations: readonly Violation[], logFolder: string): string[] {
  const lines = violations.slice(0, shownMax).flatMap(({ rule, subject, detail, fields }) => {
    return [`VIOLATION ${rule} ${subject}: ${detail}`, `  ${JSON.stringify(fields)}`];
  });
  const more = violations.length - shownMax;
  if (more > 0) lines.push(`and ${more} more`);
  if (violations.length > 0) lines.push(`logs: ${logFolder}`);
  return lines;
}
