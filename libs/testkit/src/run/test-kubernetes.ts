/** A namespace of a test's own, on the run's one control plane. */
import { randomBytes } from 'node:crypto';
import { eventually } from '../eventually.ts';
import { type KubeRequester, kubeRequester } from '../servers/kubernetes/kube-request.ts';
import {
  createNamespace,
  deleteNamespace,
  serviceAccountExists,
} from '../servers/kubernetes/objects.ts';
import { askBroker } from './ask.ts';

export type TestKubernetes = {
  /** Of a cluster administrator. */
  readonly kubeconfigPath: string;
  /** Pods can be created in it. */
  readonly namespace: string;
  /** Starts the namespace's deletion; the cluster removes what is in it in its own time. */
  readonly drop: () => Promise<void>;
};

/** The controllers make it within milliseconds; other tests may keep them busy. */
const serviceAccountDeadlineMs = 20_000;

export async function testKubernetes(): Promise<TestKubernetes> {
  const { kubeconfigPath } = await askBroker('kubernetes');
  const namespace = `test-${randomBytes(6).toString('hex')}`;
  await withRequester(kubeconfigPath, async (requester) => {
    await createNamespace(requester, namespace);
    await eventually(() => serviceAccountExists(requester, namespace), {
      deadlineMs: serviceAccountDeadlineMs,
    });
  });
  const drop = () =>
    withRequester(kubeconfigPath, (requester) => deleteNamespace(requester, namespace));
  return { kubeconfigPath, namespace, drop };
}

async function withRequester(
  kubeconfigPath: string,
  work: (requester: KubeRequester) => Promise<void>,
): Promise<void> {
  const requester = kubeRequester(kubeconfigPath);
  try {
    await work(requester);
  } finally {
    requester.close();
  }
}
