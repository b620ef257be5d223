/** Disks that are lost, damaged or full: what becomes of the node, and what the cluster keeps. */
import { execFile } from 'node:child_process';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { required } from '@windlass/base';
import { createLockClient, type Lock } from '@windlass/lock-client';
import { eventually, type LockmgrNode } from '@windlass/testkit';
import { describe, expect, it } from 'vitest';
import { testCluster } from './testing/test-cluster.ts';

const deadlineMs = 5_000;
const { cleanUp, clientsOf, cluster } = testCluster();

/** Of files that a node on a full disk may write: its log is past that soon, and fails as it grows. */
const fileBytesMax = 512 * 1024;

/** A client that holds locks, which must not get lost. */
async function clientWithLocks(count: number) {
  const client = createLockClient({ addresses: cluster().addresses });
  cleanUp(client.close);
  const held: Lock[] = [];
  for (let index = 0; index < count; index += 1) held.push(await client.acquire(`lock-${index}`));
  return { client, held };
}

describe('a damaged disk', () => {
  it('stops a node, which says what to do; emptied it rejoins under a new id', async () => {
    const { client, held } = await clientWithLocks(20);
    const leader = await cluster().leader();
    const hurt = required(
      cluster().nodes.find((node) => node !== leader),
      'a follower',
    );
    const before = await statusOf(hurt);
    await hurt.kill();
    await damageMiddleOfLog(hurt);
    await hurt.launch();
    expect(await hurt.process().exited).toEqual({ code: 1, signal: null });
    const log = await readFile(hurt.logFile, 'utf8');
    expect(log).toMatch(/segment-\d+, byte \d+: .*damaged.*joins the cluster as a new member/);
    await rm(hurt.dataFolder, { recursive: true });
    await hurt.start();
    await eventually(async () => {
      const { members } = await statusOf(leader);
      expect(members.map(({ role }) => role)).toEqual([1, 1, 1]);
      expect(members.map(({ id }) => id)).not.toContain(before.memberId);
    });
    for (const { key, token } of held) {
      expect(await client.validate(key, token)).toMatchObject({ valid: true });
    }
  });
});

describe('a disk that takes no more', () => {
  it('ends the leader, which says why, and loses nothing that was acknowledged', async () => {
    const { client, held } = await clientWithLocks(1);
    const leader = await cluster().leader();
    const { pid } = leader.process();
    await promisify(execFile)('prlimit', [`--pid=${pid}`, `--fsize=${fileBytesMax}`]);
    const metadata = new Uint8Array(4_000);
    const locksMax = (2 * fileBytesMax) / metadata.length;
    for (let index = held.length; index < locksMax; index += 1) {
      held.push(await client.acquire(`lock-${index}`, { metadata }));
    }
    expect(await leader.process().exited).toEqual({ code: 1, signal: null });
    const log = await readFile(leader.logFile, 'utf8');
    expect(log).toMatch(/"app_part_failed"/);
    expect(log).toMatch(/EFBIG/);
    await leader.start();
    await Promise.all(
      held.map(async ({ key, token }) => {
        expect(await client.validate(key, token)).toMatchObject({ valid: true });
      }),
    );
    expect(new Set(held.map(({ token }) => token)).size).toBe(held.length);
  });
});

// The last one: it leaves no cluster behind.
describe('two of three disks that are lost', () => {
  it('leave no cluster, and make no new one beside the old one (invariant 10)', async () => {
    // The one with the first name forms a cluster: it is one of those that have lost theirs.
    const lost = cluster().nodes.slice(0, 2);
    const survivor = required(cluster().nodes[2], 'a third node');
    const before = await statusOf(survivor);
    await Promise.all([survivor, ...lost].map((node) => node.kill()));
    for (const node of lost) await rm(node.dataFolder, { recursive: true });
    await Promise.all([survivor, ...lost].map((node) => node.launch()));
    await eventually(async () => {
      for (const node of cluster().nodes) await statusOf(node);
    });
    // Some rounds of the formation.
    await sleep(1_500);
    for (const node of lost) {
      const { clusterId, role } = await statusOf(node);
      expect({ clusterId, role }).toEqual({ clusterId: 0n, role: 'forming' });
    }
    const after = await statusOf(survivor);
    expect(after).toMatchObject({ clusterId: before.clusterId, leaderId: 0n });
  });
});

async function statusOf({ address }: LockmgrNode) {
  return clientsOf(address).operators.status({}, { deadlineMs });
}

/** A bit of a record's payload, well before the newest record. */
async function damageMiddleOfLog(node: LockmgrNode): Promise<void> {
  const folder = join(node.dataFolder, 'log');
  const names = (await readdir(folder)).filter((name) => name.startsWith('segment-')).toSorted();
  const file = await open(join(folder, required(names[0], 'a segment')), 'r+');
  try {
    const header = Buffer.alloc(32);
    let offset = 512;
    for (let record = 0; record < 5; record += 1) {
      await file.read(header, 0, 32, offset);
      offset += 32 + Math.ceil(header.readUInt32LE(16) / 8) * 8;
    }
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, offset + 40);
    byte.writeUInt8(byte.readUInt8(0) ^ 1);
    await file.write(byte, 0, 1, offset + 40);
  } finally {
    await file.close();
  }
}
