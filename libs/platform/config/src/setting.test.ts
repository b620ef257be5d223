import { describe, expect, it } from 'vitest';
import { type Setting, setting } from './setting.ts';

const about = { env: 'X', description: 'x' };

/** The value, or the problem's text. */
function read(made: Setting<unknown>, text: string): unknown {
  const outcome = made.parse(text);
  return outcome.ok ? outcome.value : `${made.env} ${outcome.error}`;
}

describe('setting.integer', () => {
  const port = setting.integer({ ...about, min: 0, max: 65_535 });

  it.each([
    ['0', 0],
    ['65535', 65_535],
    ['007', 7],
  ])('reads %j', (text, value) => expect(read(port, text)).toBe(value));

  it.each(['-1', '65536', '1.5', '1e3', '0x10', ' 1', '1 ', 'abc', '99999999999999999999', '٣'])(
    'refuses %j and says the range and what was given',
    (text) =>
      expect(read(port, text)).toBe(
        `X must be a whole number from 0 to 65535, not ${JSON.stringify(text)}`,
      ),
  );

  it('names only the ends that there are', () => {
    expect(read(setting.integer({ ...about, min: 1 }), '0')).toContain('of at least 1, not');
    expect(read(setting.integer({ ...about, max: 1 }), '2')).toContain('of at most 1, not');
    expect(read(setting.integer(about), '-5')).toBe(-5);
  });
});

describe('setting.durationMs', () => {
  const grace = setting.durationMs({ ...about, min: 100, max: 600_000, default: 20_000 });

  it.each([
    ['100', 100],
    ['1500ms', 1_500],
    ['90s', 90_000],
    ['10m', 600_000],
  ])('reads %s as %d ms', (text, value) => expect(read(grace, text)).toBe(value));

  it.each(['99', '11m', '1h', '-1s', '1.5s', '1 s', '5d', 's'])('refuses %j', (text) =>
    expect(read(grace, text)).toBe(
      `X must be a duration from 100ms to 10m (such as 1500ms, 90s, 5m or 2h), not "${text}"`,
    ),
  );

  it('shows its default with a unit', () => {
    expect(grace.defaultText).toBe('20s');
    expect(setting.durationMs({ ...about, default: 0 }).defaultText).toBe('0ms');
    expect(setting.durationMs({ ...about, default: 7_200_000 }).defaultText).toBe('2h');
  });
});

describe('setting.boolean', () => {
  it.each([
    ['true', true],
    ['1', true],
    ['YES', true],
    ['off', false],
    ['0', false],
    ['False', false],
  ])('reads %s', (text, value) => expect(read(setting.boolean(about), text)).toBe(value));

  it('refuses anything else', () => {
    expect(read(setting.boolean(about), 'maybe')).toBe('X must be true or false, not "maybe"');
  });
});

describe('setting.oneOf', () => {
  const level = setting.oneOf({ ...about, values: ['debug', 'info'], default: 'info' });

  it('takes its values as they are written', () => {
    expect(read(level, 'debug')).toBe('debug');
    expect(read(level, 'DEBUG')).toBe('X must be one of debug, info, not "DEBUG"');
  });
});

describe('setting.list', () => {
  it('drops spaces and empty items', () => {
    expect(read(setting.list(about), ' a, b ,,c,')).toEqual(['a', 'b', 'c']);
  });

  it('is bounded, and names the first bad items', () => {
    expect(read(setting.list({ ...about, itemsMax: 2 }), 'a,b,c')).toBe(
      'X must have at most 2 items, not 3',
    );
    const digits = setting.list({ ...about, itemPattern: /^\d+$/, itemForm: 'numbers' });
    expect(read(digits, '1,b,3,d')).toBe(
      'X must be a list of numbers, separated by commas; not so: "b", "d"',
    );
  });
});

describe('setting.string', () => {
  it('has bounds and a form', () => {
    const name = setting.string({ ...about, maxLength: 3, pattern: /^[a-z]+$/, form: 'a word' });
    expect(read(name, 'abc')).toBe('abc');
    expect(read(name, 'abcd')).toBe('X must have 1 to 3 characters, not 4');
    expect(read(name, 'A')).toBe('X must be a word, not "A"');
  });

  it('quotes only the beginning of a long text', () => {
    const word = setting.string({ ...about, pattern: /^a$/, form: 'an a' });
    expect(read(word, 'b'.repeat(200))).toBe(`X must be an a, not "${'b'.repeat(64)}…"`);
  });

  it('refuses what is longer than any setting', () => {
    expect(read(setting.string(about), 'a'.repeat(4_097))).toContain('1 to 4096 characters');
  });
});

describe('setting.url', () => {
  const database = setting.url({
    ...about,
    protocols: ['postgres:', 'postgresql:'],
    secret: true,
    default: 'postgres://user:hunter2@host/db',
  });

  it('keeps the text as it is', () => {
    const text = 'postgresql://u:p%40ss@host:5432/db?sslmode=require';
    expect(read(database, text)).toBe(text);
  });

  it.each([
    'hunter2',
    'https://u:hunter2@host/',
    'postgres:hunter2',
    'postgres://u:hunter2@ho st/',
  ])('refuses %s without repeating it', (text) =>
    expect(read(database, text)).toBe(
      'X must be a URL that starts with postgres:// or postgresql://',
    ),
  );

  it('takes several where it may, each of them valid', () => {
    const nats = setting.url({ ...about, protocols: ['nats:', 'tls:'], several: true });
    expect(read(nats, 'nats://a:4222, tls://b:4222')).toBe('nats://a:4222, tls://b:4222');
    expect(read(nats, 'nats://a:4222,b:4222')).toContain('must be URLs separated by commas');
    expect(read(nats, ',')).toContain('must be URLs separated by commas');
  });

  it('shows no user or password of a default', () => {
    expect(database.defaultText).toBe('***');
    const open = setting.url({ ...about, protocols: ['nats:'], default: 'nats://u:p@h:4222' });
    expect(open.defaultText).toBe('nats://***@h:4222');
  });
});

describe('setting.secret', () => {
  it('is never repeated, only measured', () => {
    const token = setting.secret({ ...about, minLength: 16 });
    expect(read(token, 'hunter2')).toBe('X must have 16 to 65536 characters, not 7');
    expect(token.secret).toBe(true);
  });
});
