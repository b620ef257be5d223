import { connect } from 'nats';
import { describe, expect, it } from 'vitest';
import { testNats } from './test-nats.ts';

describe('testNats', () => {
  it('gives every caller a prefix, and removes its streams only', async () => {
    const [one, two] = await Promise.all([testNats(), testNats()]);
    expect(one.prefix).not.toBe(two.prefix);
    const connection = await connect({ servers: one.url });
    const manager = await connection.jetstreamManager();
    for (const { prefix } of [one, two]) {
      const name = `${prefix.toUpperCase()}_WORK`;
      await manager.streams.add({ name, subjects: [`${prefix}.>`] });
    }
    await one.drop();
    const names: string[] = [];
    for await (const name of manager.streams.names()) names.push(name);
    expect(names).not.toContain(`${one.prefix.toUpperCase()}_WORK`);
    expect(names).toContain(`${two.prefix.toUpperCase()}_WORK`);
    await two.drop();
    await connection.close();
  });
});
