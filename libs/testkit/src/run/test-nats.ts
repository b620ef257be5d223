/** A subject prefix of a test's own, on the run's one NATS server. */
import { randomBytes } from 'node:crypto';
import { askBroker } from './ask.ts';

export type TestNats = {
  readonly url: string;
  /** For subjects; streams are named by it in capitals, so that no test sees another's. */
  readonly prefix: string;
  /** Removes the streams and buckets whose names begin with the prefix. */
  readonly drop: () => Promise<void>;
};

export async function testNats(): Promise<TestNats> {
  const { url } = await askBroker('nats');
  const prefix = `test${randomBytes(6).toString('hex')}`;
  return { url, prefix, drop: () => drop(url, prefix) };
}

async function drop(url: string, prefix: string): Promise<void> {
  const { connect } = await import('nats');
  const connection = await connect({ servers: url, name: 'testkit', maxReconnectAttempts: 0 });
  try {
    const manager = await connection.jetstreamManager();
    const names: string[] = [];
    for await (const name of manager.streams.names()) {
      if (name.toLowerCase().includes(prefix)) names.push(name);
    }
    for (const name of names) await manager.streams.delete(name);
  } finally {
    await connection.close();
  }
}
