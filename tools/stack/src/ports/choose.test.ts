import { describe, expect, it } from 'vitest';
import { choosePorts, type PortWish } from './choose.ts';

const wish = (name: string, preferred: number, explicit = false): PortWish => ({
  name,
  preferred,
  explicit,
  variable: `${name.toUpperCase()}_PORT`,
});

const choose = (wishes: PortWish[], busy: number[] = [], remembered = {}, any = [40_000]) => {
  const given = [...any];
  return choosePorts(
    wishes,
    remembered,
    (port) => Promise.resolve(!busy.includes(port)),
    () => Promise.resolve(given.shift() ?? 0),
  );
};

describe('choosePorts', () => {
  it('takes the preferred ports when they are free', async () => {
    const result = await choose([wish('api', 8000), wish('nats', 4222)]);
    expect(result).toEqual({
      ok: true,
      value: { api: { port: 8000, insteadOf: null }, nats: { port: 4222, insteadOf: null } },
    });
  });

  it('goes near a taken port and says instead of which', async () => {
    const result = await choose([wish('api', 8000)], [8000, 8010]);
    expect(result).toEqual({ ok: true, value: { api: { port: 8020, insteadOf: 8000 } } });
  });

  it('leaves it to the system when everything near is taken', async () => {
    const busy = Array.from({ length: 11 }, (_, step) => 8000 + step * 10);
    const result = await choose([wish('api', 8000)], busy, {}, [8000, 40_001]);
    expect(result).toEqual({ ok: true, value: { api: { port: 40_001, insteadOf: 8000 } } });
  });

  it('gives the port of the last start again, without a word', async () => {
    const result = await choose([wish('api', 8000)], [], { api: 8020 });
    expect(result).toEqual({ ok: true, value: { api: { port: 8020, insteadOf: null } } });
  });

  it('forgets the port of the last start when somebody else has it now', async () => {
    const result = await choose([wish('api', 8000)], [8020], { api: 8020 });
    expect(result).toEqual({ ok: true, value: { api: { port: 8000, insteadOf: null } } });
  });

  it('takes 0 for no port at all', async () => {
    const result = await choose([wish('nats', 4222)], [], { nats: 0 });
    expect(result).toEqual({ ok: true, value: { nats: { port: 4222, insteadOf: null } } });
  });

  it('refuses taken and repeated ports that the user set, all at once', async () => {
    const wishes = [wish('api', 9000, true), wish('worker', 9001, true), wish('nats', 9001, true)];
    const result = await choose(wishes, [9000]);
    expect(result).toEqual({
      ok: false,
      error: [
        { name: 'api', port: 9000, variable: 'API_PORT', reason: 'taken' },
        { name: 'nats', port: 9001, variable: 'NATS_PORT', reason: 'repeated' },
      ],
    });
  });

  it('prefers what the user set to what was used last time', async () => {
    const result = await choose([wish('api', 9000, true)], [], { api: 8020 });
    expect(result).toEqual({ ok: true, value: { api: { port: 9000, insteadOf: null } } });
  });

  it('never gives two listeners the same port', async () => {
    const result = await choose([wish('api', 8081), wish('worker', 8081), wish('x', 8000, true)]);
    expect(result.ok && Object.values(result.value).map((each) => each.port)).toEqual([
      8000, 8081, 8091,
    ]);
  });

  it('keeps a port that the user set from a listener that comes earlier', async () => {
    const result = await choose([wish('api', 8081), wish('worker', 8081, true)]);
    expect(result.ok && result.value['api']).toEqual({ port: 8091, insteadOf: 8081 });
  });
});
