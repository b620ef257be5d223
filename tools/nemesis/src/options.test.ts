import { describe, expect, it } from 'vitest';
import { commandOf, parseOptions } from './options.ts';

describe('parseOptions', () => {
  it('has defaults', () => {
    const outages = { outageSecondsMin: 5, outageSecondsMax: 40 };
    const expected = {
      stack: 'default',
      seed: 42,
      minutes: 10,
      rate: 6,
      settleMinutes: 5,
      ...outages,
    };
    expect(parseOptions([], 'default')).toEqual(expected);
  });

  it('understands the command that it prints', () => {
    const outages = { outageSecondsMin: 60, outageSecondsMax: 180 };
    const options = { stack: 'b', seed: 7, minutes: 0.5, rate: 2.5, settleMinutes: 1, ...outages };
    const argv = commandOf(options).split(' -- ')[1]?.split(' ') ?? [];
    expect(parseOptions(argv, 'default')).toEqual(options);
  });

  it('names what is wrong', () => {
    expect(() => parseOptions(['--seed=1.5'], 'a')).toThrow('--seed=1.5 is not a whole number');
    expect(() => parseOptions(['--minutes=ten'], 'a')).toThrow('--minutes=ten is not a number');
    expect(() => parseOptions(['--minutes='], 'a')).toThrow('--minutes=');
    expect(() => parseOptions(['--hours=1'], 'a')).toThrow('hours');
    expect(() => parseOptions(['--outage-seconds-min=50'], 'a')).toThrow('is more than');
  });
});
