import { describe, expect, it } from 'vitest';
import { appEnvironment } from './environment.ts';

const connections = {
  databaseUrl: 'postgres://windlass:x@127.0.0.1:5432/windlass',
  natsUrl: 'nats://127.0.0.1:4222',
  kubeconfig: '/x/kubeconfig',
};
const none = { databaseUrl: null, natsUrl: null, kubeconfig: null };
const folder = '/x/.windlass/default';

describe('appEnvironment', () => {
  it("leads to the stack's servers, on loopback", () => {
    const env = appEnvironment({ base: { PATH: '/bin' }, connections, folder, port: 8081 });
    expect(env).toEqual({
      PATH: '/bin',
      DATABASE_URL: connections.databaseUrl,
      NATS_URL: connections.natsUrl,
      KUBECONFIG: connections.kubeconfig,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: '8081',
      LOG_FORMAT: 'json',
      NO_COLOR: '1',
      SHUTDOWN_GRACE_MS: '8000',
      WINDLASS_STACK_FOLDER: folder,
    });
  });

  it('drops what belongs to servers that are not used', () => {
    const base = {
      DATABASE_TLS_CA_FILE: 'a',
      DATABASE_URL_FILE: 'b',
      NATS_TOKEN: 'c',
      NATS_TLS_CA_FILE: 'd',
      NATS_CREDENTIALS_FILE: 'e',
      TOUR_TOKEN: 'f',
      KUBE_CONTEXT: 'production',
      KUBECONFIG: '/home/me/.kube/config',
    };
    const env = appEnvironment({ base, connections, folder, port: null });
    expect(
      Object.keys(env).filter((name) => /TLS|TOKEN|CREDENTIALS|CONTEXT|FILE$/.test(name)),
    ).toEqual([]);
    expect(env['KUBECONFIG']).toBe('/x/kubeconfig');
  });

  it("leaves the user's own servers as the user set them", () => {
    const base = {
      DATABASE_URL: 'postgres://u@db/x',
      NATS_URL: 'tls://n:4222',
      NATS_TOKEN: 'c',
      KUBECONFIG: '/home/me/.kube/config',
      KUBE_CONTEXT: 'staging',
    };
    expect(appEnvironment({ base, connections: none, folder, port: null })).toMatchObject(base);
  });

  it('tells a component what it alone is told, whatever else is set', () => {
    const base = { GRPC_PORT: '1', LOG_LEVEL: 'debug' };
    const special = { GRPC_PORT: '9090' };
    const env = appEnvironment({ base, connections: none, folder, port: 8080, special });
    expect(env).toMatchObject({ GRPC_PORT: '9090', LOG_LEVEL: 'debug', HTTP_PORT: '8080' });
  });

  it('hands on other settings, but listens nowhere else', () => {
    const base = {
      LOG_FORMAT: 'text',
      QUOTA_REPLICAS_MAX: '9',
      HTTP_HOST: '0.0.0.0',
      HTTP_PORT: '1',
    };
    expect(appEnvironment({ base, connections, folder, port: 8000 })).toMatchObject({
      LOG_FORMAT: 'text',
      QUOTA_REPLICAS_MAX: '9',
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: '8000',
    });
  });
});
