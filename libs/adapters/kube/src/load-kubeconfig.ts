/** Where the cluster's address and credentials come from: files, or the pod's service account. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { KubeConfig, loadYaml } from '@kubernetes/client-node';

export type KubeconfigSource = {
  /** One path, or several with the system's delimiter, as in KUBECONFIG; null inside a cluster. */
  readonly kubeconfigPath: string | null;
  /** Context to use; null for the file's current one. */
  readonly context: string | null;
};

/** The cluster that an app's settings (`kubeSettings` of @windlass/config) name. */
export function kubeconfigSourceOf(settings: {
  readonly kubeconfig: string | null;
  readonly kubeContext: string | null;
}): KubeconfigSource {
  return { kubeconfigPath: settings.kubeconfig, context: settings.kubeContext };
}

/** The configuration can't be used at all: the process should refuse to start. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

export function loadKubeconfig(source: KubeconfigSource): KubeConfig {
  const config = source.kubeconfigPath === null ? inCluster() : fromFiles(source.kubeconfigPath);
  if (source.context !== null) config.setCurrentContext(source.context);
  const name = config.getCurrentContext();
  if (!name || config.getContextObject(name) === null) {
    const known = config.getContexts().map((context) => context.name);
    throw new KubeconfigError(
      `no context ${JSON.stringify(name ?? '')} in the kubeconfig (it has: ${known.join(', ')})`,
    );
  }
  if (config.getCurrentCluster() === null) {
    throw new KubeconfigError(`context ${JSON.stringify(name)} names a cluster that isn't there`);
  }
  if (config.getCurrentUser()?.impersonateUser) {
    throw new KubeconfigError('impersonation ("as") is not supported: what we write is our own');
  }
  return config;
}

function fromFiles(kubeconfigPath: string): KubeConfig {
  const [first, ...others] = kubeconfigPath.split(path.delimiter).filter((file) => file !== '');
  if (first === undefined) throw new KubeconfigError('the path of the kubeconfig is empty');
  const config = readFile(first);
  // As with kubectl, the first file that names a current context decides.
  for (const file of others) config.mergeConfig(readFile(file), Boolean(config.currentContext));
  return config;
}

function readFile(file: string): KubeConfig {
  const config = new KubeConfig();
  const folder = path.dirname(file);
  try {
    const parsed: KubeconfigFile = loadYaml(readFileSync(file, 'utf8'));
    config.loadFromString(JSON.stringify(withTokenFiles(parsed, folder)));
  } catch (error) {
    throw new KubeconfigError(`the kubeconfig ${file} can't be read`, { cause: error });
  }
  config.makePathsAbsolute(folder);
  return config;
}

type KubeconfigFile = {
  readonly users?: readonly { readonly user?: { readonly tokenFile?: string } }[] | null;
};

/** The library knows the field `tokenFile` under another name only. */
function withTokenFiles(parsed: KubeconfigFile, folder: string): object {
  const users = parsed.users?.map((entry) => {
    const tokenFile = entry.user?.tokenFile;
    if (tokenFile === undefined) return entry;
    return { ...entry, user: { ...entry.user, 'token-file': path.resolve(folder, tokenFile) } };
  });
  return { ...parsed, users };
}

function inCluster(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromCluster();
  // Outside a cluster the library makes an address of its variables' absence.
  if (config.getCurrentCluster()?.server.includes('undefined') ?? true) {
    throw new KubeconfigError('KUBECONFIG is not set, and this is no pod of a cluster');
  }
  return config;
}
