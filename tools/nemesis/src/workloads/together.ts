/** Several workloads beside one another, as one. */
import type { Violation, Workload } from './workload.ts';

export function together(workloads: readonly Workload[]): Workload {
  return {
    name: workloads.map(({ name }) => name).join(' and '),
    faults: workloads.flatMap(({ faults }) => faults),
    start: async () => {
      for (const { start } of workloads) await start();
    },
    stir: () => {
      for (const { stir } of workloads) stir();
    },
    stop: async () => {
      await Promise.all(workloads.map(({ stop }) => stop()));
    },
    progress: async () => {
      const lines = workloads.map(async ({ name, progress }) => `${name}: ${await progress()}`);
      return (await Promise.all(lines)).join('; ');
    },
    check: async () => {
      const found = await Promise.all(workloads.map(checkOne));
      return found.flat();
    },
    summary: async () => {
      const rows = await Promise.all(workloads.map(({ summary }) => summary()));
      return rows.flat();
    },
    clear: async () => {
      for (const { clear } of workloads) await clear();
    },
    close: async () => {
      for (const { close } of workloads) await close();
    },
  };
}

/** One that can't be read doesn't hide what is wrong with the others. */
async function checkOne({ check, name }: Workload): Promise<readonly Violation[]> {
  try {
    return await check();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const detail = `the platform can't be read: ${why}`;
    return [{ rule: 'unreadable', subject: name, detail, fields: {} }];
  }
}
