import { describe, expect, it } from 'vitest';
import { firstState, imageOf, tokenFloorAt } from './first-state.ts';

const configuration = { voters: [1], outgoing: [], learners: [], members: [] };

async function bytesOf(floor: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of imageOf(firstState(configuration, floor).machine)) pieces.push(piece);
  return Buffer.concat(pieces).toString('hex');
}

describe('the first state', () => {
  it('is the same on every node, byte by byte', async () => {
    expect(await bytesOf(4_096)).toBe(await bytesOf(4_096));
    expect(await bytesOf(4_096)).not.toBe(await bytesOf(4_097));
  });

  it('begins its tokens after those of every cluster before (invariant 2)', () => {
    const earlier = tokenFloorAt(Date.UTC(2026, 10, 21));
    const later = tokenFloorAt(Date.UTC(2026, 10, 21) + 1);
    expect(later - earlier).toBe(4_096);
    expect(firstState(configuration, later).machine.counts().lastToken).toBe(later);
    expect(tokenFloorAt(Date.UTC(2090, 0, 1))).toBeLessThan(2 ** 53);
  });
});
