/** The command line. */
import { parseArgs } from 'node:util';

export type Options = {
  readonly stack: string;
  readonly seed: number;
  readonly minutes: number;
  /** Wishes per second. */
  readonly rate: number;
  readonly settleMinutes: number;
};

export const usage = `Usage: npm run nemesis -- [--seed=42] [--minutes=10] [--stack=default] [--rate=6] [--settle-minutes=5]

Hurts the running stack and checks what it promised. --stack is STACK of the environment by default.`;

const limits = {
  seed: { default: 42, min: 0, max: 2 ** 32, whole: true },
  minutes: { default: 10, min: 0.1, max: 240, whole: false },
  rate: { default: 6, min: 0.1, max: 100, whole: false },
  'settle-minutes': { default: 5, min: 0.1, max: 60, whole: false },
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
  return {
    stack: values.stack,
    seed: number('seed'),
    minutes: number('minutes'),
    rate: number('rate'),
    settleMinutes: number('settle-minutes'),
  };
}

export function commandOf(options: Options): string {
  const { seed, minutes, stack, rate, settleMinutes } = options;
  return `npm run nemesis -- --seed=${seed} --minutes=${minutes} --stack=${stack} --rate=${rate} --settle-minutes=${settleMinutes}`;
}
