/** What runs, for tools that work on a running stack. The commands are in main.ts. */
export { lockAddressesOf } from './components/lock-managers.ts';
export { type StackFolder, stackFolder } from './state/folder.ts';
export { appOfComponent } from './state/plan.ts';
export { runningState } from './state/stack.ts';
export { ComponentState, type ComponentStatus, type StackState } from './state/state-file.ts';
