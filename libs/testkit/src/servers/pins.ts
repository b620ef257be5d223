/**
 * Which servers are pinned, and the folder that holds them once built. tools/infra builds into
 * that folder, binaries.ts looks there; both take the name from here.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The Go module that pins the servers. */
export const infraModuleDir = fileURLToPath(new URL('../../../../tools/infra/', import.meta.url));

/** Programs inside the one binary `servers`, each of which finds itself by the name of its link. */
export const linkedPrograms = [
  'certificates',
  'etcd',
  'helm',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kwok',
  'nats-server',
] as const;

/** Programs whose main package can't be linked with the others, and that package. */
export const separatePrograms = {
  grpcurl: 'github.com/fullstorydev/grpcurl/cmd/grpcurl',
  helm3: 'helm.sh/helm/v3/cmd/helm',
} as const;

export type ProgramName = (typeof linkedPrograms)[number] | keyof typeof separatePrograms;

export const programNames: readonly ProgramName[] = [...linkedPrograms, 'grpcurl', 'helm3'];

/** Stages of KWOK that are copied beside the programs, below the module's kustomize/stage. */
export const kwokStageDirs = [
  'node/fast',
  'node/heartbeat-with-lease',
  'pod/chaos',
  'pod/general',
] as const;

/**
 * The version of a module that go.mod asks for. A `replace` that pins another one isn't looked at.
 */
export function pinnedVersion(goMod: string, module: string): string {
  const line = goMod.split('\n').find((each) => each.trim().startsWith(`${module} v`));
  const version = line?.trim().split(' ')[1];
  if (version === undefined) throw new Error(`go.mod requires no ${module}`);
  return version;
}

/**
 * What `go build -ldflags` gets: no symbol tables, and the versions that release builds carry.
 * Without its version stamp an API server says v0.0.0-master, and clients refuse it.
 */
export function linkerFlags(goMod: string): string {
  const kubernetes = pinnedVersion(goMod, 'k8s.io/kubernetes');
  const [major, minor] = kubernetes.slice(1).split('.');
  const stamps = {
    'k8s.io/component-base/version.gitVersion': kubernetes,
    'k8s.io/component-base/version.gitMajor': major,
    'k8s.io/component-base/version.gitMinor': minor,
    'helm.sh/helm/v4/internal/version.version': pinnedVersion(goMod, 'helm.sh/helm/v4'),
    'helm.sh/helm/v3/internal/version.version': pinnedVersion(goMod, 'helm.sh/helm/v3'),
    'main.version': pinnedVersion(goMod, 'github.com/fullstorydev/grpcurl'),
  };
  return ['-s -w', ...Object.entries(stamps).map(([name, value]) => `-X ${name}=${value}`)].join(
    ' ',
  );
}

/** Names everything that the built programs depend on; another name means another build. */
export function pinsHash(moduleDir: string = infraModuleDir): string {
  const goFiles = readdirSync(moduleDir, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.go') && !file.includes('node_modules'))
    .sort();
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum', ...goFiles]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(moduleDir, file)))
      .update('\0');
  }
  hash.update(linkerFlags(readFileSync(join(moduleDir, 'go.mod'), 'utf8')));
  hash.update([...programNames, ...kwokStageDirs, process.platform, process.arch].join());
  return hash.digest('hex').slice(0, 16);
}

/** The folder of caches, after the XDG base directory specification: a relative one is ignored. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  const configured = env['XDG_CACHE_HOME'];
  const base =
    configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), '.cache');
  return join(base, 'windlass');
}

/** Where the built servers are, or will be: `bin/` and `stages/` below it. */
export function infraDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheDir(env), `infra-${pinsHash()}`);
}
