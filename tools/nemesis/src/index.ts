/** What a further workload or fault implements. Read next: nemesis.ts, faults/, workloads/. */
export type { Fault, FaultContext, Undo } from './faults/fault.ts';
export type { Violation, Workload } from './workloads/workload.ts';
