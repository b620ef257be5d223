import { seededRandom } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import { isSecretKey, plainFields, redacted, safeText } from './fields.ts';

describe('secrets', () => {
  it.each([
    'password',
    'dbPassword',
    'passwd',
    'PASSPHRASE',
    'secret',
    'client_secret',
    'token',
    'accessToken',
    'Authorization',
    'Proxy-Authorization',
    'set-cookie',
    'x-api-key',
    'apiKey',
    'private_key',
    'credentials',
    'databaseUrl',
    'DATABASE_URL',
  ])('%s is not written, at any depth', (key) => {
    const fields = { [key]: 'hunter2', list: [{ inner: { [key]: { deep: 'hunter2' } } }] };
    const plain = plainFields(fields);
    expect(plain[key]).toBe(redacted);
    expect(JSON.stringify(plain)).not.toContain('hunter2');
  });

  it('shows that a secret is absent', () => {
    expect(plainFields({ token: null, secret: undefined })).toEqual({ token: null });
  });

  it.each(['fencing_token', 'fencingToken', 'compass', 'user_id', 'key', 'author'])(
    '%s only sounds like one',
    (key) => expect(isSecretKey(key)).toBe(false),
  );

  it.each([
    ['postgres://user:pa$$@db:5432/w', 'postgres://***@db:5432/w'],
    ['nats://token@n1:4222,nats://u:p@n2:4222', 'nats://***@n1:4222,nats://***@n2:4222'],
    ['connecting to https://u:p@h/x failed', 'connecting to https://***@h/x failed'],
    ['https://host/path?mail=a@b', 'https://host/path?mail=a@b'],
    ['no address, but me@home', 'no address, but me@home'],
  ])('%s loses its user and password', (text, expected) => expect(safeText(text)).toBe(expected));

  it('are taken out of the messages, causes and stacks of errors too', () => {
    const cause = new Error('refused: postgres://u:hunter2@db/w');
    const error = Object.assign(new Error('nats://u:hunter2@n', { cause }), { code: 'X1' });
    const plain = plainFields({ error });
    expect(JSON.stringify(plain)).not.toContain('hunter2');
    expect(plain).toMatchObject({ error: { name: 'Error', code: 'X1', cause: { name: 'Error' } } });
  });
});

describe('what JSON can not hold', () => {
  it('is written in a form for reading', () => {
    expect(
      plainFields({
        big: 2n ** 64n,
        nan: Number.NaN,
        date: new Date(0),
        bad: new Date(Number.NaN),
        bytes: new Uint8Array(5),
        set: new Set([1]),
        map: new Map([['a', 1]]),
        url: new URL('https://u:p@h/'),
        fn: () => 1,
        none: undefined,
      }),
    ).toEqual({
      big: '18446744073709551616',
      nan: 'NaN',
      date: '1970-01-01T00:00:00.000Z',
      bad: 'invalid date',
      bytes: '[5 bytes]',
      set: [1],
      map: { a: 1 },
      url: 'https://***@h/',
      fn: '[function]',
    });
  });
});

describe('size', () => {
  it('is bounded: texts, lists, keys, depth, causes', () => {
    const endless: Record<string, unknown> = {};
    endless['self'] = endless;
    const error = new Error('first');
    error.cause = error;
    const wide = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`k${n}`, n]));
    const plain = plainFields({
      text: 'x'.repeat(100_000),
      list: Array.from({ length: 500 }, (_, n) => n),
      wide,
      endless,
      error,
    });
    expect(plain['text']).toHaveLength(8_193);
    expect(plain['list']).toHaveLength(51);
    expect(Object.keys(Object(plain['wide']))).toHaveLength(100);
    expect(JSON.stringify(plain).length).toBeLessThan(40_000);
  });

  it('never fails, whatever the value', () => {
    const random = seededRandom('log-fields');
    const value = (depth: number): unknown => {
      const kinds = depth > 5 ? 6 : 9;
      switch (random.integer(0, kinds)) {
        case 0:
          return random.next() * 1e300;
        case 1:
          return 'é\ud800\0 token=1';
        case 2:
          return null;
        case 3:
          return Symbol('s');
        case 4:
          return Object.create(null);
        case 5:
          return new Date(random.next() * 1e18);
        case 6:
          return undefined;
        case 7:
          return Array.from({ length: random.integer(0, 4) }, () => value(depth + 1));
        case 8:
          return new Error('e', { cause: value(depth + 1) });
        default:
          return { a: value(depth + 1), token: value(depth + 1) };
      }
    };
    for (let round = 0; round < 500; round += 1) {
      expect(() => JSON.stringify(plainFields({ value: value(0) }))).not.toThrow();
    }
  });
});
