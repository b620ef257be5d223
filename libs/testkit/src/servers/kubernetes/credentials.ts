/** Who is who in the local control plane: certificates, and a kubeconfig for each client. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeCertificates } from '../certificates.ts';

const masters = 'system:masters';

const clients = {
  admin: { user: 'windlass-admin', group: masters },
  // With rights of its own kind each controller would need a service account's token first,
  // which takes seconds of the start.
  'kube-controller-manager': { user: 'system:kube-controller-manager', group: masters },
  'kube-scheduler': { user: 'system:kube-scheduler', group: undefined },
  kwok: { user: 'kwok', group: masters },
  'kubelet-client': { user: 'kube-apiserver', group: masters },
} as const;

export type KubeUser = keyof typeof clients;

const users: readonly KubeUser[] = [
  'admin',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
  'kubelet-client',
];

export type Credentials = {
  /** Path of a file of the certificates' folder, such as ca.crt. */
  readonly file: (name: string) => string;
  readonly kubeconfigPath: (user: KubeUser) => string;
};

/** Makes what is missing, and kubeconfigs for this port. */
export async function prepareCredentials(dataDir: string, apiPort: number): Promise<Credentials> {
  const folder = join(dataDir, 'certificates');
  const file = (name: string) => join(folder, name);
  await writeCertificates(folder, {
    servers: ['kube-apiserver', 'kwok-server'],
    clients,
    keyPairs: ['service-account'],
  });
  const kubeconfigPath = (user: KubeUser) =>
    user === 'admin' ? join(dataDir, 'kubeconfig') : join(folder, `${user}.kubeconfig`);
  for (const user of users) {
    const text = JSON.stringify(kubeconfig(user, apiPort, file), null, 2);
    writeFileSync(kubeconfigPath(user), `${text}\n`, { mode: 0o600 });
  }
  return { file, kubeconfigPath };
}

/** The parts of a kubeconfig that are written here and read by kube-request.ts. */
export type Kubeconfig = ReturnType<typeof kubeconfig>;

/** A kubeconfig is YAML, and JSON is YAML. */
function kubeconfig(user: KubeUser, apiPort: number, file: (name: string) => string) {
  const data = (name: string) => readFileSync(file(name)).toString('base64');
  const name = 'windlass';
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server: `https://127.0.0.1:${apiPort}`,
          'certificate-authority-data': data('ca.crt'),
        },
      },
    ],
    users: [
      {
        name,
        user: {
          'client-certificate-data': data(`${user}.crt`),
          'client-key-data': data(`${user}.key`),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
}
