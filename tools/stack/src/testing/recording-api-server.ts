/**
 * Stands before a real API server and writes down what comes in. Plain HTTP towards the client; the
 * credentials of a kubeconfig of the test kit's towards the API server. For tests only.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { Agent, request as send } from 'node:https';
import { join } from 'node:path';
import { required } from '@windlass/base';
import { portOf } from './port-of.ts';

export type RecordedRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
};

export type RecordingApiServer = {
  /** For a client whose requests are to be seen. */
  readonly kubeconfigPath: string;
  readonly requests: readonly RecordedRequest[];
  readonly close: () => Promise<void>;
};

type Kubeconfig = {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly {
    readonly user: {
      readonly 'client-certificate-data': string;
      readonly 'client-key-data': string;
    };
  }[];
};

/** @param folder where the kubeconfig for the client is written */
export async function startRecordingApiServer(
  kubeconfigPath: string,
  folder: string,
): Promise<RecordingApiServer> {
  const config: Kubeconfig = JSON.parse(readFileSync(kubeconfigPath, 'utf8'));
  const { cluster } = required(config.clusters[0], 'a cluster');
  const { user } = required(config.users[0], 'a user');
  const agent = new Agent({
    keepAlive: true,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  });
  const requests: RecordedRequest[] = [];
  const server = createServer((incoming, answer) => {
    const { method = '', url: path = '/' } = incoming;
    const { host: _host, ...headers } = incoming.headers;
    requests.push({ method, path, headers });
    const outgoing = send(new URL(path, cluster.server), { method, headers, agent }, (response) => {
      answer.writeHead(response.statusCode ?? 0, response.headers);
      answer.flushHeaders();
      response.on('error', () => answer.destroy());
      response.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    answer.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    kubeconfigPath: writeKubeconfig(folder, portOf(server)),
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

function decode(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}

/** As JSON, which is YAML. */
function writeKubeconfig(folder: string, port: number): string {
  const path = join(folder, 'recorded.kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'recorded',
        cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true },
      },
    ],
    users: [{ name: 'nobody', user: {} }],
    contexts: [{ name: 'recorded', context: { cluster: 'recorded', user: 'nobody' } }],
    'current-context': 'recorded',
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}
