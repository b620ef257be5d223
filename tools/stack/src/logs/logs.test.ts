import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { trimLogs } from '../supervisor/log-files.ts';
import { lineTimeMs, mergeLines } from './merge.ts';
import { renderLine } from './render.ts';
import { tailOfFile } from './tail.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stack-logs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('lineTimeMs', () => {
  const utc = Date.UTC(2026, 10, 21, 2, 38, 20, 123);
  const local = new Date(2026, 10, 21, 2, 38, 20, 123).getTime();

  it.each([
    ['the supervisor', '2026-11-21T02:38:20.123Z [stack] api: ready', utc],
    ['PostgreSQL', '2026-11-21 02:38:20.123 UTC [12] LOG:  ready', utc],
    ['an offset', '{"level":"warn","ts":"2026-11-21T04:38:20.123456+0200","msg":"x"}', utc],
    ['JSON with milliseconds', `{"level":30,"time":${utc},"msg":"x"}`, utc],
    ['NATS, in local time', '[7] 2026/11/21 02:38:20.123456 [INF] Server is ready', local],
    ['Kubernetes, in local time', 'I1121 02:38:20.123456   77 server.go:1] x', local],
  ])('reads the time of %s', (_, line, expected) => {
    expect(lineTimeMs(line, utc)).toBe(expected);
  });

  it('takes a line of December for one of last year in January', () => {
    const januaryMs = new Date(2027, 0, 2).getTime();
    const decemberMs = new Date(2026, 11, 31, 23, 0, 0).getTime();
    expect(lineTimeMs('I1231 23:00:00.000000 7 x.go:1] x', januaryMs)).toBe(decemberMs);
  });

  it('finds none in other lines', () => {
    expect(lineTimeMs('    at main (file.ts:1:2)')).toBeNull();
    expect(lineTimeMs('2026-99-99T99:99:99Z')).toBeNull();
  });
});

function line(source: string, second: number, text: string) {
  return { source, text: `2026-11-21T02:38:0${second}.000Z ${text}` };
}

describe('mergeLines', () => {
  it('puts lines in the order of their times, and keeps a stack trace together', () => {
    const trace = { source: 'api', text: '    at main' };
    const merged = mergeLines([
      line('api', 3, 'failed'),
      trace,
      line('api', 5, 'again'),
      line('worker', 1, 'begins'),
      line('worker', 4, 'works'),
    ]);
    expect(merged.map(({ text }) => text.slice(-6).trim())).toEqual(
      ['begins', 'failed', 'main', 'works', 'again'].map((text) =>
        text === 'main' ? 't main' : text,
      ),
    );
  });

  it('never swaps lines of one source, whatever their times say', () => {
    const lines = [line('api', 5, 'first'), line('api', 2, 'second')];
    expect(mergeLines(lines)).toEqual(lines);
  });
});

describe('renderLine', () => {
  it('shows a JSON line in short', () => {
    const line =
      '{"level":"info","time":"2026-11-21T03:09:46.653Z","app":"api","name":"a b","n":2,"msg":"synced"}';
    expect(renderLine(line)).toBe('03:09:46.653 INFO synced name="a b" n=2');
  });

  it('leaves every other line as it is', () => {
    for (const line of ['ready', '{', '{"a":1}', '{"msg":1,"time":"x","level":"y"}', '[1]']) {
      expect(renderLine(line)).toBe(line);
    }
  });
});

describe('tailOfFile', () => {
  it('gives the last lines, and none where there is no file', () => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\ntwo\nthree\n');
    expect(tailOfFile(path, 2)).toEqual(['two', 'three']);
    expect(tailOfFile(path, 9)).toEqual(['one', 'two', 'three']);
    expect(tailOfFile(path, 0)).toEqual([]);
    expect(tailOfFile(join(folder, 'b.log'), 2)).toEqual([]);
  });

  it('shows no half of a line', () => {
    const path = join(folder, 'a.log');
    writeFileSync(path, `${'x'.repeat(5_000)}\nlast`);
    expect(tailOfFile(path, 2)).toEqual(['last']);
  });
});

describe('trimLogs', () => {
  it('begins a log anew that has become too long, and keeps what was in it', () => {
    writeFileSync(join(folder, 'long.log'), 'x'.repeat(11));
    writeFileSync(join(folder, 'short.log'), 'x');
    trimLogs(folder, 10);
    expect(readdirSync(folder).sort()).toEqual(['long.log', 'long.log.1', 'short.log']);
    expect(readFileSync(join(folder, 'long.log'), 'utf8')).toBe('');
    expect(readFileSync(join(folder, 'long.log.1'), 'utf8')).toHaveLength(11);
  });
});
