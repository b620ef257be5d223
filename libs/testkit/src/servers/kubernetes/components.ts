/** The command lines of the control plane's programs, each flag with its reason where it has one. */
import { join } from 'node:path';
import type { KubernetesComponent } from '../types.ts';
import type { Credentials } from './credentials.ts';

export type ControlPlane = {
  readonly dataDir: string;
  readonly durable: boolean;
  readonly ports: {
    readonly api: number;
    readonly etcdClient: number;
    readonly etcdPeer: number;
    readonly kubelet: number;
  };
  readonly credentials: Credentials;
  readonly kwokConfigFile: string;
};

/** Client-side limits: those of a large cluster, so that a test's burst isn't held up by them. */
const clientRequestsPerSecond = 300;
const clientRequestsBurst = 600;

/** Those that the platform's own objects and its charts need. */
const controllers = [
  'cronjob-controller',
  'daemonset-controller',
  'deployment-controller',
  'disruption-controller',
  'endpointslice-controller',
  'garbage-collector-controller',
  'horizontal-pod-autoscaler-controller',
  'job-controller',
  'namespace-controller',
  'node-lifecycle-controller',
  'pod-garbage-collector-controller',
  'replicaset-controller',
  'resourcequota-controller',
  'root-ca-certificate-publisher-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'statefulset-controller',
  'taint-eviction-controller',
];

export function argumentsOf(name: KubernetesComponent, plane: ControlPlane): string[] {
  switch (name) {
    case 'etcd':
      return etcd(plane);
    case 'kube-apiserver':
      return apiServer(plane);
    case 'kube-controller-manager':
      return controllerManager(plane);
    case 'kube-scheduler':
      return scheduler(plane);
    case 'kwok':
      return kwok(plane);
    default:
      return name satisfies never;
  }
}

function etcd({ dataDir, durable, ports }: ControlPlane): string[] {
  const clientUrl = `http://127.0.0.1:${ports.etcdClient}`;
  const peerUrl = `http://127.0.0.1:${ports.etcdPeer}`;
  return [
    '--name=windlass',
    `--data-dir=${join(dataDir, 'etcd')}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=windlass=${peerUrl}`,
    '--log-level=warn',
    ...(durable ? [] : ['--unsafe-no-fsync']),
  ];
}

function apiServer({ ports, credentials: { file } }: ControlPlane): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${ports.etcdClient}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports.api}`,
    // Nothing reaches the API server by the service `kubernetes`, and its endpoint may not be a
    // loopback address. So none is kept, and the advertised address is one for documentation.
    '--endpoint-reconciler-type=none',
    '--advertise-address=192.0.2.1',
    '--authorization-mode=RBAC',
    '--anonymous-auth=false',
    `--client-ca-file=${file('ca.crt')}`,
    `--tls-cert-file=${file('kube-apiserver.crt')}`,
    `--tls-private-key-file=${file('kube-apiserver.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('service-account.pub')}`,
    `--service-account-signing-key-file=${file('service-account.key')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    // KWOK's kubelet serves the pods' logs.
    `--kubelet-certificate-authority=${file('ca.crt')}`,
    `--kubelet-client-certificate=${file('kubelet-client.crt')}`,
    `--kubelet-client-key=${file('kubelet-client.key')}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--profiling=false',
  ];
}

function controllerManager({ credentials }: ControlPlane): string[] {
  return [
    `--kubeconfig=${credentials.kubeconfigPath('kube-controller-manager')}`,
    '--secure-port=0',
    '--leader-elect=false',
    `--controllers=${controllers.join()}`,
    `--service-account-private-key-file=${credentials.file('service-account.key')}`,
    `--root-ca-file=${credentials.file('ca.crt')}`,
    `--kube-api-qps=${clientRequestsPerSecond}`,
    `--kube-api-burst=${clientRequestsBurst}`,
    '--profiling=false',
  ];
}

function scheduler({ credentials }: ControlPlane): string[] {
  return [
    `--kubeconfig=${credentials.kubeconfigPath('kube-scheduler')}`,
    '--secure-port=0',
    '--leader-elect=false',
    `--kube-api-qps=${clientRequestsPerSecond}`,
    `--kube-api-burst=${clientRequestsBurst}`,
    '--profiling=false',
  ];
}

/** The annotation that makes a node KWOK's. */
export const kwokNodeAnnotation = { 'kwok.x-k8s.io/node': 'fake' };

function kwok({ ports, credentials, kwokConfigFile }: ControlPlane): string[] {
  const [[key, value] = []] = Object.entries(kwokNodeAnnotation);
  return [
    `--kubeconfig=${credentials.kubeconfigPath('kwok')}`,
    `--config=${kwokConfigFile}`,
    `--manage-nodes-with-annotation-selector=${key}=${value}`,
    '--cidr=10.244.0.0/16',
    '--node-ip=127.0.0.1',
    `--node-port=${ports.kubelet}`,
    `--server-address=127.0.0.1:${ports.kubelet}`,
    `--tls-cert-file=${credentials.file('kwok-server.crt')}`,
    `--tls-private-key-file=${credentials.file('kwok-server.key')}`,
    '--node-lease-duration-seconds=40',
  ];
}
