/** Whether what is installed is what the lock file asks for. Pure; runs on any Node from 20 on. */

/**
 * npm leaves a lock file of what it installed in node_modules, as its last step: so an interrupted
 * install has none. Packages that are for other platforms only are missing from it.
 *
 * @param {string} wantedText package-lock.json
 * @param {string | null} installedText node_modules/.package-lock.json; null where there is none
 * @returns {string | null} why an install is needed; null where it isn't
 */
export function whyInstall(wantedText, installedText) {
  if (installedText === null) return 'nothing is installed';
  const wanted = JSON.parse(wantedText).packages ?? {};
  const installed = JSON.parse(installedText).packages ?? {};
  for (const [path, entry] of Object.entries(wanted)) {
    // Workspaces are linked; what is in them is no dependency.
    if (!path.includes('node_modules/')) continue;
    const found = installed[path];
    if (found === undefined) {
      if (entry.optional || entry.peer || entry.devOptional) continue;
      return `${name(path)} is missing`;
    }
    if (found.version !== entry.version || found.integrity !== entry.integrity) {
      return `${name(path)} is ${found.version}, the lock file has ${entry.version}`;
    }
  }
  // A lock file written where other platforms' packages can't be had lacks them; here they count.
  const extra = Object.keys(installed).find(
    (path) =>
      path.includes('node_modules/') && wanted[path] === undefined && !installed[path].optional,
  );
  return extra === undefined ? null : `${name(extra)} is no longer in the lock file`;
}

/** @param {string} path such as node_modules/a/node_modules/@b/c */
function name(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
