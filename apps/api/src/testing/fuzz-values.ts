/** Odd values and mutations for the fuzz test. Everything is drawn from a seeded stream. */
import type { Random } from '@windlass/base';

const oddTexts = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\udc00x',
  '..',
  '../../etc/passwd',
  "' OR 1=1 --",
  '"; DROP TABLE users; --',
  '$1',
  '%00',
  '%zz',
  '%ED%A0%80',
  'null',
  'undefined',
  'NaN',
  '__proto__',
  'constructor',
  'toString',
  '☃',
  '\u202e',
  '😀'.repeat(40),
  'a'.repeat(64),
  'a'.repeat(254),
  'a'.repeat(5_000),
  '-1',
  '0',
  '1e400',
  '9223372036854775808',
  '2026-01-05T10:00:00Z',
  '01930f0e-8c5a-7d2b-9d6e-0a4f5b1c2d3e',
  '[object Object]',
  '{"a":1}',
  'web\n',
  'web\r\nX-Injected: 1',
] as const;

const oddValues: readonly unknown[] = [
  ...oddTexts,
  null,
  true,
  false,
  0,
  -0,
  -1,
  1.5,
  1e21,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  2 ** 63,
  [],
  {},
  [[]],
  [null],
  [{}],
  { a: { b: { c: {} } } },
  Array.from({ length: 300 }, () => 'x'),
];

export function oddText(random: Random): string {
  return random.pick(oddTexts);
}

export function oddValue(random: Random): unknown {
  return random.pick(oddValues);
}

const names = ['', 'x', 'toString', 'replicas', 'image', 'a.b', 'ü', 'valueOf', '0', 'name'];

/** A copy of a JSON value with some of its parts replaced, removed, doubled or added. */
export function mutated(value: unknown, random: Random): unknown {
  const copy: unknown = structuredClone(value);
  const count = random.integer(1, 3);
  let current = copy;
  for (let change = 0; change < count; change += 1) current = mutateOnce(current, random);
  return current;
}

function mutateOnce(value: unknown, random: Random): unknown {
  if (value === null || typeof value !== 'object' || random.chance(0.1)) return oddValue(random);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a copy of the test's own JSON
  const holder = value as Record<string, unknown>;
  const keys = Object.keys(holder);
  const key = keys.length === 0 ? 'x' : random.pick(keys);
  switch (random.integer(0, 4)) {
    case 0:
      holder[key] = oddValue(random);
      break;
    case 1:
      Reflect.deleteProperty(holder, key);
      break;
    case 2:
      holder[random.pick(names)] = oddValue(random);
      break;
    default:
      holder[key] = mutateOnce(holder[key], random);
  }
  return value;
}

/** Text of a body: mostly the value as JSON, sometimes hardly JSON at all. */
export function bodyBytes(value: unknown, random: Random): Buffer {
  const json = JSON.stringify(value) ?? 'null';
  switch (random.integer(0, 11)) {
    case 0:
      return Buffer.from(json.slice(0, random.integer(0, json.length)));
    case 1:
      return Buffer.concat([Buffer.from('\ufeff'), Buffer.from(json)]);
    case 2:
      return Buffer.concat([Buffer.from(json), Buffer.from([0xff, 0xfe, 0xc3, 0x28])]);
    case 3:
      return Buffer.from(`{"__proto__":{"admin":true},"identifier":"x"}`);
    case 4:
      return Buffer.from(`${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`);
    case 5:
      return Buffer.from(json.replace(/:\s*"[^"]*"/, ':1e999'));
    default:
      return Buffer.from(json);
  }
}
