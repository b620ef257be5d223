/** The lock manager's node as a part of a process. Start at app.ts. */
export { startLockmgr } from './app.ts';
export { settings } from './config.ts';
