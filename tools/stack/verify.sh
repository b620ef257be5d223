#!/bin/sh
# `make verify`: which programs are there, and what to do where one is missing. It has to work
# where nothing is installed yet, so it is a shell script. Exit code 0 when the local stack can run.
set -u
cd "$(dirname "$0")/../.."

missing=0

# number TEXT: the first version number in the text, such as 1.26.8
number() { printf '%s\n' "$1" | sed -n 's/^[^0-9]*\([0-9][0-9]*\(\.[0-9][0-9]*\)*\).*/\1/p' | head -n 1; }

# at_least HAVE WANT: compares versions, number by number
at_least() {
  awk -v have="$1" -v want="$2" 'BEGIN {
    count = split(want, wanted, "."); split(have, had, ".");
    for (part = 1; part <= count; part++) {
      if (had[part] + 0 > wanted[part] + 0) exit 0;
      if (had[part] + 0 < wanted[part] + 0) exit 1;
    }
    exit 0;
  }'
}

# check LABEL NEED WANT HINT COMMAND...: NEED is `needed` or `optional`, WANT a version or `any`
check() {
  label=$1 need=$2 want=$3 hint=$4
  shift 4
  if ! command -v "$1" >/dev/null 2>&1; then
    state="missing"
  else
    said=$("$@" 2>&1 </dev/null | head -n 5)
    have=$(number "$said")
    if [ -z "$have" ]; then
      state="found, but \`$*\` tells no version"
      [ "$want" = any ] && { printf '  ok       %-9s %s\n' "$label" "$state"; return 0; }
    elif [ "$want" != any ] && ! at_least "$have" "$want"; then
      state="$have is too old"
    else
      printf '  ok       %-9s %s\n' "$label" "$have"
      return 0
    fi
  fi
  if [ "$need" = needed ]; then
    missing=$((missing + 1))
    printf '  MISSING  %-9s %s: %s\n' "$label" "$state" "$hint"
  else
    printf '  -        %-9s %s: %s\n' "$label" "$state" "$hint"
  fi
  return 1
}

go_wanted=$(sed -n 's/^go \([0-9.]*\)$/\1/p' tools/infra/go.mod)

echo "For the local stack (make run):"
check make needed 3.81 "install GNU make, with your system's package manager" make --version
check node needed 20 "install Node.js 20 or later; the project then brings its own 24" node --version
check npm needed 9 "it comes with Node.js" npm --version
# Go from 1.21 on fetches the version that go.mod asks for.
check go needed 1.21 "install Go $go_wanted or later, to build the pinned servers once; or see tools/infra/README.md for a machine that has them" go version
echo
echo "For a cluster of your own (see docs/setup.md); nothing of it is needed for the local stack:"
check docker optional any "install Docker, or Podman under that name, to build images" docker version --format '{{.Client.Version}}'
check kubectl optional any "install it, or use the pinned one: node_modules/.bin/node tools/infra/src/main.ts where" kubectl version --client
check helm optional 3 "install Helm 3 or 4, or use the pinned one, as for kubectl" helm version --short
check minikube optional any "install Minikube, or kind, for a cluster on this machine" minikube version --short
check kind optional any "install kind, or Minikube, for a cluster on this machine" kind version
echo
if [ "$missing" -gt 0 ]; then
  echo "The local stack can't run yet: $missing missing."
  exit 1
fi
echo "The local stack can run: make run"
