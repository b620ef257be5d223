/**
 * Puts the lines of several logs in one order. Every component writes its time in its own way; a
 * line without one, such as the rest of a stack trace, stays with the line before it. Pure.
 */
export type LogLine = { readonly source: string; readonly text: string };

/** The lines by time. Those of one source keep their order, whatever their times say. */
export function mergeLines(lines: readonly LogLine[]): LogLine[] {
  const lastMs = new Map<string, number>();
  const timed = lines.map((line, index) => {
    const before = lastMs.get(line.source) ?? Number.NEGATIVE_INFINITY;
    const atMs = Math.max(before, lineTimeMs(line.text) ?? before);
    lastMs.set(line.source, atMs);
    return { line, atMs, index };
  });
  return timed
    .sort((a, b) => (a.atMs === b.atMs ? a.index - b.index : a.atMs < b.atMs ? -1 : 1))
    .map(({ line }) => line);
}

/** How far into a line its time may begin: etcd and JSON lines have a level before it. */
const searchCharacters = 120;

const dayMs = 86_400_000;

/** ISO 8601, or `2026/11/21 02:38:20.123456` (natsName), or `2026-11-21 02:38:20.123 UTC` (PostgreSQL). */
const dateTime =
  /(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|[+-]\d\d:?\d\d)?/;
/** `I1121 02:38:20.123456` (Kubernetes): without a year, in local time. */
const klogPattern = /^[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{6})/;
/** A JSON number of milliseconds since 1970. */
const epochMs = /"(?:time|ts)":(\d{13})\b/;

/**
 * The time in a log line, milliseconds since 1970; null where it has none. A time without a zone
 * is local time.
 *
 * @param nowMs for the year that klog leaves out
 */
export function lineTimeMs(text: string, nowMs: number = Date.now()): number | null {
  const head = text.slice(0, searchCharacters);
  const klog = klogPattern.exec(head);
  if (klog !== null) return klogTimeMs(klog, nowMs);
  const epoch = epochMs.exec(head);
  if (epoch !== null) return Number(epoch[1]);
  const match = dateTime.exec(head);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction = '0', zone] = match;
  const zoneText = zone === 'UTC' ? 'Z' : (zone ?? '');
  const millis = fraction.slice(0, 3).padEnd(3, '0');
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.${millis}${zoneText}`;
  const parsed = Date.parse(iso.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(parsed) ? null : parsed;
}

function klogTimeMs(match: RegExpExecArray, nowMs: number): number {
  const [, month, day, hour, minute, second, micros] = match;
  const inYear = (year: number) =>
    new Date(
      `${year}-${month}-${day}T${hour}:${minute}:${second}.${micros?.slice(0, 3)}`,
    ).getTime();
  const year = new Date(nowMs).getFullYear();
  // A line of December, read in January.
  return inYear(year) > nowMs + dayMs ? inYear(year - 1) : inYear(year);
}
