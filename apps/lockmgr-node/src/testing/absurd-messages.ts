/** Bytes that no honest caller sends, drawn from a seed: for any method of any service. */
import { create, type DescField, type DescMessage, ScalarType, toBinary } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import type { Random } from '@windlass/base';

export const AbsurdKind = {
  /** Random bytes. */
  Noise: 'noise',
  /** A message whose fields are extreme. */
  Extreme: 'extreme',
  /** The same, cut off somewhere. */
  Truncated: 'truncated',
  /** The same, with some bits turned over. */
  Flipped: 'flipped',
} as const;
export type AbsurdKind = (typeof AbsurdKind)[keyof typeof AbsurdKind];

/** Field names with values that are right: what is extreme then gets further. */
export type KnownValues = Readonly<Record<string, readonly (bigint | number | string)[]>>;

const wholeNumbers = [0n, 1n, 2n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];
const smallNumbers = [0, 1, 2, 999, 30_000, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const texts = ['', 'a', '\u0000', '../..', 'ä'.repeat(300), '\u{1f512}', 'x'.repeat(20_000)];
const depthMax = 3;
const itemsMax = 4;

export function absurdBytes(
  kind: AbsurdKind,
  schema: DescMessage,
  known: KnownValues,
  random: Random,
): Uint8Array {
  if (kind === AbsurdKind.Noise) return noise(random.integer(0, 300), random);
  const bytes = toBinary(schema, extremeMessage(schema, known, random, 0).message);
  if (kind === AbsurdKind.Truncated) return bytes.subarray(0, random.integer(0, bytes.length));
  if (kind === AbsurdKind.Flipped) {
    for (let flips = random.integer(1, 4); flips > 0 && bytes.length > 0; flips -= 1) {
      const at = random.integer(0, bytes.length - 1);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
    }
  }
  return bytes;
}

export function noise(length: number, random: Random): Uint8Array {
  return Uint8Array.from({ length }, () => random.integer(0, 255));
}

function extremeMessage(
  schema: DescMessage,
  known: KnownValues,
  random: Random,
  depth: number,
): ReflectMessage {
  const message = reflect(schema, create(schema));
  for (const field of schema.fields) {
    if (random.chance(0.15)) continue;
    if (field.fieldKind === 'list') {
      const list = message.get(field);
      for (let items = random.integer(0, itemsMax); items > 0; items -= 1) {
        const item = valueOf(field, known, random, depth);
        if (item !== null) list.add(item);
      }
      continue;
    }
    const value = valueOf(field, known, random, depth);
    if (value !== null && field.fieldKind !== 'map') message.set(field, value);
  }
  return message;
}

/** Null: none. */
function valueOf(field: DescField, known: KnownValues, random: Random, depth: number) {
  if (field.message !== undefined) {
    return depth < depthMax ? extremeMessage(field.message, known, random, depth + 1) : null;
  }
  const right = known[field.localName];
  if (right !== undefined && random.chance(0.7)) return random.pick(right);
  if (field.enum !== undefined) return random.pick([0, 1, 2, 99, -1]);
  switch (field.scalar) {
    case ScalarType.STRING:
      return random.pick(texts);
    case ScalarType.BYTES:
      return noise(random.pick([0, 1, 300, 5_000, 40_000]), random);
    case ScalarType.BOOL:
      return random.chance(0.5);
    case ScalarType.UINT64:
      return random.pick(wholeNumbers);
    case ScalarType.UINT32:
      return random.pick(smallNumbers);
    default:
      return null;
  }
}
