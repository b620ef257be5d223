/**
 * Kubernetes quantities such as "250m", "1.5Gi" and "12e6", compared exactly. The grammar is that
 * of k8s.io/apimachinery's resource.Quantity.
 */

/** Powers of ten of the decimal suffixes. */
const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
/** Powers of two of the binary suffixes. */
const binaryExponents: Readonly<Record<string, number>> = {
  Ki: 10,
  Mi: 20,
  Gi: 30,
  Ti: 40,
  Pi: 50,
  Ei: 60,
};

/** Longer texts are no quantity: keeps the arithmetic small. The largest real ones have 20 digits. */
const textLengthMax = 64;
/** Kubernetes caps a quantity at 2^63 - 1, below 10^19, and rounds up to 10^-9. */
const exponentMax = 18;

/** The finest step that Kubernetes keeps: 10^-9. */
const nanosPerUnit = 10n ** 9n;

/**
 * The quantity in billionths, rounded up as Kubernetes does; null where the text isn't a quantity
 * or is negative.
 */
export function quantityNanos(text: string): bigint | null {
  const match = /^\+?([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([A-Za-z]{0,2}|[eE][+-]?[0-9]{1,2})$/.exec(text);
  if (match === null || text.length > textLengthMax) return null;
  const [, digits = '', suffix = ''] = match;
  const [whole = '', fraction = ''] = digits.split('.');
  const mantissa = BigInt(`${whole}${fraction}`);
  const scaled = scale(mantissa * nanosPerUnit, suffix);
  if (scaled === null) return null;
  const divisor = 10n ** BigInt(fraction.length);
  return ceilingDivision(scaled.numerator, scaled.denominator * divisor);
}

type Fraction = { readonly numerator: bigint; readonly denominator: bigint };

function scale(value: bigint, suffix: string): Fraction | null {
  const binary = binaryExponents[suffix];
  if (binary !== undefined) return { numerator: value << BigInt(binary), denominator: 1n };
  const decimal = decimalExponents[suffix] ?? exponentOf(suffix);
  if (decimal === null || Math.abs(decimal) > exponentMax) return null;
  return decimal >= 0
    ? { numerator: value * 10n ** BigInt(decimal), denominator: 1n }
    : { numerator: value, denominator: 10n ** BigInt(-decimal) };
}

function exponentOf(suffix: string): number | null {
  return /^[eE][+-]?[0-9]+$/.test(suffix) ? Number(suffix.slice(1)) : null;
}

function ceilingDivision(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator;
}
