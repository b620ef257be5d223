/** The command line. */
import { parseArgs } from 'node:util';

export type Options = {
  readonly stack: string;
  readonly seed: number;
  readonly minutes: number;
  /** Wishes per second. */
  readonly rate: number;
  readonly settleMinutes: number;
  /** How long a server is away, frozen or kept down: at least and at most. */
  readonly outageSecondsMin: number;
  readonly outageSecondsMax: number;
};

export const usage = `Usage: npm run nemesis -- [--seed=42] [--minutes=10] [--stack=default] [--rate=6] [--settle-minutes=5]
                          [--outage-seconds-min=5] [--outage-seconds-max=40]

Hurts the running stack and checks what it promised. --stack is STACK of the environment by default.`;

const limits = {
  seed: { default: 42, min: 0, max: 2 ** 32, whole: true },
  minutes: { default: 10, min: 0.1, max: 240, whole: false },
  rate: { default: 6, min: 0.1, max: 100, whole: false },
  'settle-minutes': { default: 5, min: 0.1, max: 60, whole: false },
  'outage-seconds-min': { default: 5, min: 1, max: 600, whole: true },
  'outage-seconds-max': { default: 40, min: 1, max: 600, whole: true },
} as const;

/** @throws TypeError or RangeError with a message for the user */
export function parseOptions(argv: readonly string[], defaultStack: string): Options | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      stack: { type: 'string', default: defaultStack },
      seed: { type: 'string' },
      minutes: { type: 'string' },
      rate: { type: 'string' },
      'settle-minutes': { type: 'string' },
      'outage-seconds-min': { type: 'string' },
      'outage-seconds-max': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const number = (name: keyof typeof limits): number => {
    const { default: fallback, min, max, whole } = limits[name];
    const text = values[name];
    const value = text === undefined ? fallback : Number(text);
    const isRight = value >= min && value <= max && (!whole || Number.isInteger(value));
    if (isRight && text !== '') return value;
    const kind = whole ? 'a whole number' : 'a number';
    throw new RangeError(`--${name}=${text} is not ${kind} from ${min} to ${max}`);
  };
  const outageSecondsMin = number('outage-seconds-min');
  const outageSecondsMax = number('outage-seconds-max');
  if (outageSecondsMin > outageSecondsMax) {
    throw new RangeError(
      `--outage-seconds-min=${outageSecondsMin} is more than --outage-seconds-max=${outageSecondsMax}`,
    );
  }
  return {
    stack: values.stack,
    seed: number('seed'),
    minutes: number('minutes'),
    rate: number('rate'),
    settleMinutes: number('settle-minutes'),
    outageSecondsMin,
    outageSecondsMax,
  };
}

export function commandOf(options: Options): string {
  const { seed, minutes, stack, rate, settleMinutes, outageSecondsMin, outageSecondsMax } = options;
  return [
    `npm run nemesis -- --seed=${seed} --minutes=${minutes} --stack=${stack} --rate=${rate}`,
    `--settle-minutes=${settleMinutes}`,
    `--outage-seconds-min=${outageSecondsMin} --outage-seconds-max=${outageSecondsMax}`,
  ].join(' ');
}
