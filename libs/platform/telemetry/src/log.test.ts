import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { LogFields } from './fields.ts';
import { createLog, type Log, type LogFormat, type LogLevel } from './log.ts';
import { runWithTraceparent } from './trace-context.ts';

function logInto(lines: string[], format: LogFormat = 'json', level: LogLevel = 'debug'): Log {
  return createLog({
    app: 'demo',
    level,
    format,
    destination: { write: (line) => lines.push(line) },
  });
}

/** What one call writes, as an object without its time. */
function written(write: (log: Log) => void): Record<string, unknown> {
  const lines: string[] = [];
  write(logInto(lines));
  expect(lines).toHaveLength(1);
  const { time, ...entry }: Record<string, unknown> = JSON.parse(lines[0] ?? '');
  expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  return entry;
}

describe('a JSON line', () => {
  it('has level, time, app, msg and the fields', () => {
    expect(written((log) => log.info('lease_taken', { lease_id: 'a', count: 3 }))).toEqual({
      level: 'info',
      app: 'demo',
      msg: 'lease_taken',
      lease_id: 'a',
      count: 3,
    });
  });

  it('ends with one line feed and holds no other, whatever is logged', () => {
    const lines: string[] = [];
    logInto(lines).warn('odd_text', { text: 'a\nb\r\u2028', 'k\ney': 1 });
    expect(lines[0]).toMatch(/^[^\n]*\n$/);
  });

  it('has the fields of its child, which a call may override', () => {
    const entry = written((log) =>
      log.child({ loop: 'relay', shard: 1 }).debug('tick', { shard: 2 }),
    );
    expect(entry).toMatchObject({ level: 'debug', loop: 'relay', shard: 2 });
  });

  it('keeps its own members: a field of that name gets an underscore', () => {
    const fields = { level: 9, msg: 'x', time: 0, app: 'y', trace_id: 'z' };
    expect(written((log) => log.info('kept', fields))).toMatchObject({
      level: 'info',
      msg: 'kept',
      app: 'demo',
      level_: 9,
      msg_: 'x',
      trace_id_: 'z',
    });
  });

  it('has the trace id of what runs', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const entry = written((log) => runWithTraceparent(traceparent, () => log.info('traced')));
    expect(entry).toMatchObject({ trace_id: '4bf92f3577b34da6a3ce929d0e0e4736' });
    expect(written((log) => log.info('untraced'))).not.toHaveProperty('trace_id');
  });
});

describe('the level', () => {
  it('leaves out what is below it', () => {
    const lines: string[] = [];
    const log = logInto(lines, 'text', 'warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines).toEqual(['c level=warn\n', 'd level=error\n']);
  });
});

function textOf(fields: LogFields, event: 'info' | 'error' = 'info'): string {
  const lines: string[] = [];
  logInto(lines, 'text')[event]('something_happened', fields);
  return lines.join('');
}

describe('a text line', () => {
  it('is the event and its fields', () => {
    const lines: string[] = [];
    logInto(lines, 'text').info('leadership_acquired', { instance_id: 'kubedb-dbaas-abc123' });
    expect(lines).toEqual(['leadership_acquired instance_id=kubedb-dbaas-abc123\n']);
  });

  it.each([
    ['plain/path:8000', 'a=plain/path:8000'],
    ['two words', 'a="two words"'],
    ['', 'a=""'],
    ['a=b', 'a="a=b"'],
    ['quote"', 'a="quote\\""'],
    ['line\nfeed', 'a="line\\nfeed"'],
    [3, 'a=3'],
    [true, 'a=true'],
    [null, 'a=null'],
    [['x', 1], 'a=["x",1]'],
    [{ b: { c: 1 } }, 'a={"b":{"c":1}}'],
  ])('writes %j as %s', (value, expected) => {
    expect(textOf({ a: value })).toBe(`something_happened ${expected}\n`);
  });

  it('tells an error with its causes on the line, and its stack below', () => {
    const error = new Error('no connection', { cause: new TypeError('bad address') });
    const [line, frame] = textOf({ error }, 'error').split('\n');
    expect(line).toBe(
      'something_happened error="Error: no connection <- TypeError: bad address" level=error',
    );
    expect(frame).toMatch(/^ {4}at /);
    expect(textOf({ error }).split('\n')).toHaveLength(2);
  });
});

/** Standard output of a process that logs as the script says. */
function outputOf(script: string): Promise<string> {
  const source = `
    import { createLog } from ${JSON.stringify(new URL('index.ts', import.meta.url).href)};
    const log = createLog({ app: 'demo', level: 'info', format: 'json' });
    ${script}
  `;
  const options = { timeout: 20_000, maxBuffer: 16 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', source], options, (_error, stdout) =>
      resolve(stdout),
    );
  });
}

function numbersIn(lines: string): readonly unknown[] {
  const entries = lines.trimEnd().split('\n');
  return entries.map((line): unknown => JSON.parse(line).n);
}

describe('at the exit of the process', () => {
  it('has written every line, in order', { timeout: 30_000 }, async () => {
    const [atExit, afterThrow, large] = await Promise.all([
      outputOf(`for (let n = 0; n < 500; n += 1) log.info('line', { n }); process.exit(3);`),
      outputOf(`log.info('before', { n: 1 }); throw new Error('crash');`),
      outputOf(`for (let n = 0; n < 200; n += 1) log.info('line', { n, text: 'x'.repeat(8000) });`),
    ]);
    expect(numbersIn(atExit)).toEqual(Array.from({ length: 500 }, (_, n) => n));
    expect(numbersIn(afterThrow)).toEqual([1]);
    expect(numbersIn(large)).toEqual(Array.from({ length: 200 }, (_, n) => n));
  });
});
