/**
 * The few requests that the test kit itself makes to its API server. Apps and their tests use
 * @windlass/kube, which is tested with this kit and so isn't used by it.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { required } from '@windlass/base';
import type { Kubeconfig } from './credentials.ts';

export type KubeResponse = { readonly status: number; readonly text: string };

export type KubeRequester = {
  /** Rejects only when there is no answer. */
  readonly send: (method: string, path: string, body?: unknown) => Promise<KubeResponse>;
  readonly close: () => void;
};

/** On loopback an API server answers within milliseconds, or is busy with its start. */
const requestDeadlineMs = 20_000;

function decode(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}

/** Takes a kubeconfig that credentials.ts wrote. */
export function kubeRequester(kubeconfigPath: string): KubeRequester {
  const config: Kubeconfig = JSON.parse(readFileSync(kubeconfigPath, 'utf8'));
  const { cluster } = required(config.clusters[0], 'the cluster of the kubeconfig');
  const { user } = required(config.users[0], 'the user of the kubeconfig');
  const agent = new Agent({
    keepAlive: true,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  });
  const send = (method: string, path: string, body?: unknown) =>
    new Promise<KubeResponse>((resolve, reject) => {
      const call = request(
        new URL(path, cluster.server),
        {
          method,
          agent,
          headers: { accept: 'application/json', 'content-type': 'application/json' },
          signal: AbortSignal.timeout(requestDeadlineMs),
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
          });
          response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
          response.once('error', reject);
        },
      );
      call.once('error', reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  return { send, close: () => agent.destroy() };
}
