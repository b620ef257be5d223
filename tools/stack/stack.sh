#!/bin/sh
# Runs a command of the local stack on the Node that the project pins, after installing what the
# command needs. This is all that has to work before anything is installed; the commands
# themselves are TypeScript (src/main.ts), which the machine's own Node may be too old for.
set -eu
cd "$(dirname "$0")/../.."

pinned=node_modules/.bin/node
if [ -x "$pinned" ]; then
  node=$pinned
elif command -v node >/dev/null 2>&1; then
  node=node
else
  echo "Node.js is missing: install version 20 or later, with npm; \`make verify\` shows all that is needed" >&2
  exit 1
fi
# Asked in words that any Node understands: an old one can't even read what comes next.
if ! "$node" -e 'process.exit(parseInt(process.versions.node, 10) >= 20 ? 0 : 1)'; then
  echo "Node.js $("$node" --version) is too old: install version 20 or later; \`make verify\` shows all that is needed" >&2
  exit 1
fi

"$node" tools/stack/bootstrap/main.mjs "$@" || exit $?
if [ "${1-}" = prepare ] || [ ! -x "$pinned" ]; then exit 0; fi
exec "$pinned" tools/stack/src/main.ts "$@"
