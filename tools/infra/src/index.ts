/** Builds the pinned servers once; used by the local stack before it starts anything. */
export { BuildError, type BuildOptions, ensureServers } from './ensure.ts';
