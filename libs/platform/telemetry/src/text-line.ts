/** A log line for people: `leadership_acquired instance_id=kubedb-abc123`. */
import type { Plain } from './fields.ts';

type PlainObject = { readonly [key: string]: Plain };

/** Written without quotes; everything else as a JSON string or JSON value. */
const bareText = /^[^\s"'=\\{}[\]]+$/;

/** What every line carries and a terminal doesn't need; level only where it is a warning or worse. */
const hiddenKeys: ReadonlySet<string> = new Set(['level', 'time', 'app', 'msg']);

/**
 * Formats the fields of one JSON line. Ends with a line feed. The stack of an error follows on
 * lines of its own, indented.
 */
export function textLine(entry: Readonly<Record<string, Plain>>): string {
  const parts = [plainText(entry['msg'])];
  const stacks: string[] = [];
  for (const [key, value] of Object.entries(entry)) {
    if (hiddenKeys.has(key)) continue;
    parts.push(`${key}=${valueText(value)}`);
    if (isPlainError(value) && entry['level'] === 'error') stacks.push(plainText(value['stack']));
  }
  if (entry['level'] === 'warn' || entry['level'] === 'error')
    parts.push(`level=${entry['level']}`);
  const frames = stacks.flatMap((stack) => stack.split('\n')).filter((frame) => frame !== '');
  return `${[parts.join(' '), ...frames.map((frame) => `    ${frame}`)].join('\n')}\n`;
}

function plainText(value: Plain | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function valueText(value: Plain): string {
  if (isPlainError(value)) return JSON.stringify(errorText(value));
  if (typeof value === 'string') return bareText.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value);
}

/** One line for people: `Error: can't connect <- Error: ECONNREFUSED`. */
function errorText(error: PlainObject): string {
  const parts: string[] = [];
  let current: Plain | undefined = error;
  while (isPlainObject(current)) {
    parts.push(`${plainText(current['name'])}: ${plainText(current['message'])}`);
    current = current['cause'];
  }
  if (typeof current === 'string') parts.push(current);
  return parts.join(' <- ');
}

function isPlainError(value: Plain): value is PlainObject {
  return isPlainObject(value) && ['name', 'message', 'stack'].every((key) => key in value);
}

function isPlainObject(value: Plain | undefined): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
