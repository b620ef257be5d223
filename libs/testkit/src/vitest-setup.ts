/** Vitest's global setup of the integration project: a broker for the run, before any worker. */
import { startBroker } from './run/broker.ts';
import { brokerVariable } from './run/questions.ts';

export default async function setup(): Promise<() => Promise<void>> {
  const broker = await startBroker();
  process.env[brokerVariable] = broker.url;
  return async () => {
    delete process.env[brokerVariable];
    await broker.close();
  };
}
