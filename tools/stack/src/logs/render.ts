/** Shows a JSON line of a log as people read it. Pure. */

/** Shown elsewhere in the line, or of no use on a terminal. */
const leftOut = new Set(['time', 'ts', 'level', 'msg', 'app', 'source', 'caller']);
/** Of one value, such as a stack trace. */
const valueCharactersMax = 2_000;

/**
 * `{"level":"info","time":"…T03:09:46.653Z","msg":"synced","name":"web"}` becomes
 * `03:09:46.653 INFO synced name=web`. Any other line stays as it is.
 */
export function renderLine(text: string): string {
  const entry = parseObject(text);
  if (entry === null) return text;
  const { msg, level } = entry;
  const time = entry['time'] ?? entry['ts'];
  if (typeof msg !== 'string' || typeof time !== 'string' || typeof level !== 'string') return text;
  const clock = /T(\d\d:\d\d:\d\d(?:\.\d{1,3})?)/.exec(time)?.[1] ?? time;
  const fields = Object.entries(entry)
    .filter(([name]) => !leftOut.has(name))
    .map(([name, value]) => `${name}=${renderValue(value)}`);
  return [clock, level.toUpperCase(), msg, ...fields].join(' ');
}

function renderValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const shown = text.slice(0, valueCharactersMax);
  return typeof value === 'string' && /[\s"=]/.test(shown) ? JSON.stringify(shown) : shown;
}

function parseObject(text: string): Record<string, unknown> | null {
  if (!text.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
