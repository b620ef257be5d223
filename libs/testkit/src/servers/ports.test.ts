import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { freePorts, isFree } from './ports.ts';

describe('freePorts', () => {
  it('gives different ports below the range of outgoing connections', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    for (const port of ports) {
      expect(port).toBeGreaterThanOrEqual(20_000);
      expect(port).toBeLessThan(30_000);
    }
  });

  it('knows a port that is taken', async () => {
    const [port = 0] = await freePorts(1);
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen({ host: '127.0.0.1', port }, resolve);
    });
    expect(await isFree(port)).toBe(false);
    await new Promise((resolve) => {
      server.close(resolve);
    });
    expect(await isFree(port)).toBe(true);
  });
});
