import { seededRandom } from '@windlass/base';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FaultContext } from '../../faults/fault.ts';
import { chooseVictims, lockFaults } from './lock-faults.ts';

const nodes = ['lockmgr', 'lockmgr-2', 'lockmgr-3'];
const random = seededRandom(1);
const leader = () => Promise.resolve('lockmgr-2');

describe('the victims', () => {
  it('are the leader, or somebody else', () => {
    expect(chooseVictims('the lock leader', nodes, 'lockmgr-2', random)).toEqual(['lockmgr-2']);
    for (let draw = 0; draw < 20; draw += 1) {
      const [follower] = chooseVictims('a lock follower', nodes, 'lockmgr-2', random);
      expect(['lockmgr', 'lockmgr-3']).toContain(follower);
    }
  });

  it.each([3, 5])('leave no quorum of %d where most are meant, the leader among them', (count) => {
    const all = Array.from({ length: count }, (_unused, index) => `n${index}`);
    const most = chooseVictims('most lock managers', all, 'n2', random);
    expect(most).toContain('n2');
    expect(all.length - most.length).toBeLessThan(count / 2);
    expect(most.length).toBeLessThan(count);
    expect(chooseVictims('all lock managers', all, 'n2', random)).toEqual(all);
  });

  it('are somebody where nobody leads', () => {
    expect(nodes).toContain(chooseVictims('the lock leader', nodes, null, random)[0]);
  });
});

describe('faults of the lock managers', () => {
  it('are none where the stack has none of its own, and need no follower of a single one', () => {
    expect(lockFaults({ nodes: [], leader })).toEqual([]);
    const names = lockFaults({ nodes: ['lockmgr'], leader }).map(({ name }) => name);
    expect(names).toEqual(['kill the lock leader', 'freeze the lock leader']);
  });

  it('never come two at once', () => {
    const groups = new Set(lockFaults({ nodes, leader }).map(({ component }) => component));
    expect([...groups]).toEqual(['lock managers']);
  });
});

describe('lock managers that are hurt', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function setUp() {
    const running = new Set(nodes);
    const frozen = new Set<string>();
    const context: FaultContext = {
      stir: () => undefined,
      note: () => undefined,
      processes: {
        own: () => nodes,
        pid: () => null,
        signal: (component) => {
          if (!running.delete(component)) return null;
          return { pid: 1, endIfAlive: () => false };
        },
        freeze: (component) => {
          frozen.add(component);
          return { pid: 1, thaw: () => void frozen.delete(component) };
        },
        thawAll: () => undefined,
        unready: () => null,
      },
    };
    const inject = async (name: string) => {
      const found = lockFaults({ nodes, leader }).find((fault) => fault.name === name);
      if (found === undefined) throw new Error(`there is no ${name}`);
      return found.inject(context, seededRandom(3));
    };
    return { running, frozen, inject };
  }

  it('are all stopped, and all go on', async () => {
    const { frozen, inject } = setUp();
    const undo = await inject('freeze all lock managers');
    expect([...frozen]).toEqual(nodes);
    await undo();
    expect([...frozen]).toEqual([]);
  });

  it('stay down as long as it is held, and no longer', async () => {
    const { inject, running } = setUp();
    const undo = await inject('keep most lock managers down');
    expect([...running]).toEqual(['lockmgr-3']);
    running.add('lockmgr');
    await vi.advanceTimersByTimeAsync(1_000);
    expect([...running]).toEqual(['lockmgr-3']);
    await undo();
    running.add('lockmgr');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(running.has('lockmgr')).toBe(true);
  });
});
