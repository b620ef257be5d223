import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { required } from '@windlass/base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Access, type Credentials, openCredentials } from './credentials.ts';
import { KubeconfigError } from './load-kubeconfig.ts';

let folder: string;
let nowMs: number;
let opened: Credentials[];
const clock = { monotonicMs: () => nowMs };

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'windlass-kube-credentials-'));
  nowMs = 0;
  opened = [];
});

afterEach(async () => {
  for (const credentials of opened) credentials.close();
  await rm(folder, { recursive: true });
});

type Parts = {
  readonly user?: object;
  readonly cluster?: object;
  readonly contexts?: readonly string[];
  readonly current?: string;
};

async function writeConfig(parts: Parts = {}, name = 'kubeconfig'): Promise<string> {
  const contexts = parts.contexts ?? ['one'];
  const file = path.join(folder, name);
  await writeFile(
    file,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: contexts.map((context) => ({
        name: context,
        cluster: { server: `https://${context}.example:6443`, ...parts.cluster },
      })),
      users: [{ name: 'user', user: parts.user ?? { token: 'secret' } }],
      contexts: contexts.map((context) => ({
        name: context,
        context: { cluster: context, user: 'user' },
      })),
      'current-context': parts.current ?? contexts[0],
    }),
  );
  return file;
}

async function open(kubeconfigPath: string | null, context: string | null = null) {
  const credentials = await openCredentials({ kubeconfigPath, context }, clock);
  opened.push(credentials);
  return credentials;
}

async function tokenOf(credentials: Credentials): Promise<string | undefined> {
  return (await credentials.access()).headers['Authorization'];
}

async function accessTo(server: string): Promise<Access> {
  const cluster = { server, 'insecure-skip-tls-verify': true };
  const credentials = await open(await writeConfig({ cluster }));
  return credentials.access();
}

describe('what a kubeconfig may say', () => {
  it('gives the address and the token of the current context', async () => {
    const credentials = await open(await writeConfig());
    expect(await credentials.access()).toMatchObject({
      secure: true,
      host: 'one.example',
      port: 6443,
      basePath: '',
      headers: { Authorization: 'Bearer secret' },
    });
  });

  it('gives those of a named context', async () => {
    const file = await writeConfig({ contexts: ['one', 'two'] });
    expect((await (await open(file, 'two')).access()).host).toBe('two.example');
  });

  it('takes a path, a port by scheme, and an IPv6 address', async () => {
    expect(await accessTo('https://rancher.example/k8s/clusters/c-1/')).toMatchObject({
      port: 443,
      basePath: '/k8s/clusters/c-1',
    });
    expect(await accessTo('http://[::1]:8080')).toMatchObject({
      secure: false,
      host: '::1',
      port: 8080,
    });
  });

  it('joins several files, the first with a current context deciding', async () => {
    const one = await writeConfig({ contexts: ['one'] }, 'one');
    const two = path.join(folder, 'two');
    await writeFile(
      two,
      JSON.stringify({
        clusters: [{ name: 'two', cluster: { server: 'https://two.example' } }],
        users: [{ name: 'other', user: { token: 'other' } }],
        contexts: [{ name: 'two', context: { cluster: 'two', user: 'other' } }],
        'current-context': 'two',
      }),
    );
    const both = [one, two].join(path.delimiter);
    expect((await (await open(both)).access()).host).toBe('one.example');
    expect((await (await open(both, 'two')).access()).host).toBe('two.example');
  });

  it('sends a user and password as basic authentication', async () => {
    const user = { username: 'ada', password: 'lovelace' };
    expect(await tokenOf(await open(await writeConfig({ user })))).toBe('Basic YWRhOmxvdmVsYWNl');
  });

  it.each([
    ['a missing file', () => path.join(folder, 'absent'), null, /can't be read/],
    ['no path', () => '', null, /is empty/],
    ['an unknown context', () => writeConfig(), 'nope', /no context "nope".*it has: one/],
    ['impersonation', () => writeConfig({ user: { as: 'root' } }), null, /impersonation/],
    ['a SOCKS proxy', () => writeConfig({ cluster: { 'proxy-url': 'socks5://p' } }), null, /proxy/],
    ['no cluster around it', () => null, null, /KUBECONFIG is not set/],
  ])('refuses to start with %s', async (_name, file, context, message) => {
    const opening = open(await file(), context);
    await expect(opening).rejects.toThrow(KubeconfigError);
    await expect(opening).rejects.toThrow(message);
  });

  it('never shows a token in its errors', async () => {
    const user = { token: 'very-secret', 'client-certificate-data': 'bm90IGEgY2VydA==' };
    const error: unknown = await open(await writeConfig({ user })).catch((caught) => caught);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).not.toContain('very-secret');
  });
});

describe('credentials that change', () => {
  it('keeps its answer for 10 s, without a promise, and reads a token file again after', async () => {
    const tokenFile = path.join(folder, 'token');
    await writeFile(tokenFile, 'first\n');
    const credentials = await open(await writeConfig({ user: { tokenFile } }));
    expect(credentials.access()).not.toBeInstanceOf(Promise);
    expect(await tokenOf(credentials)).toBe('Bearer first');
    await writeFile(tokenFile, 'second\n');
    nowMs += 9_999;
    expect(await tokenOf(credentials)).toBe('Bearer first');
    nowMs += 1;
    expect(await tokenOf(credentials)).toBe('Bearer second');
  });

  it('reads it again at once after a refusal', async () => {
    const tokenFile = path.join(folder, 'token');
    await writeFile(tokenFile, 'first');
    const credentials = await open(await writeConfig({ user: { tokenFile } }));
    await writeFile(tokenFile, 'second');
    credentials.refused();
    expect(await tokenOf(credentials)).toBe('Bearer second');
  });

  it('stays in its context when the file is switched to another', async () => {
    const contexts = ['one', 'two'];
    const credentials = await open(await writeConfig({ contexts }));
    await writeConfig({ contexts, current: 'two', user: { token: 'new' } });
    nowMs += 10_000;
    expect(await credentials.access()).toMatchObject({
      host: 'one.example',
      headers: { Authorization: 'Bearer new' },
    });
  });

  it('asks a plugin once, and again after a refusal but not more often than every 5 s', async () => {
    const counter = path.join(folder, 'count');
    const plugin = path.join(folder, 'plugin.mjs');
    await writeFile(counter, '0');
    await writeFile(
      plugin,
      `import { readFileSync, writeFileSync } from 'node:fs';
      const count = Number(readFileSync(${JSON.stringify(counter)}, 'utf8')) + 1;
      writeFileSync(${JSON.stringify(counter)}, String(count));
      console.log(JSON.stringify({ kind: 'ExecCredential', status: { token: 'token-' + count } }));`,
    );
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: [plugin],
    };
    const credentials = await open(await writeConfig({ user: { exec } }));
    nowMs += 10_000;
    expect(await tokenOf(credentials)).toBe('Bearer token-1');
    credentials.refused();
    expect(await tokenOf(credentials)).toBe('Bearer token-2');
    nowMs += 4_999;
    credentials.refused();
    expect(await tokenOf(credentials)).toBe('Bearer token-2');
    nowMs += 1;
    expect(await tokenOf(credentials)).toBe('Bearer token-3');
  });

  it('asks once for all calls that wait', async () => {
    const credentials = await open(await writeConfig());
    nowMs += 10_000;
    const [first, second] = [credentials.access(), credentials.access()];
    expect(first).toBeInstanceOf(Promise);
    expect(second).toBe(first);
    await first;
  });

  it('keeps its connections for a new token, and replaces them for a new certificate', async () => {
    const [oldCa, newCa] = tls.rootCertificates;
    const caFile = path.join(folder, 'ca.crt');
    await writeFile(caFile, required(oldCa, 'a root certificate'));
    const cluster = { 'certificate-authority': 'ca.crt' };
    const credentials = await open(await writeConfig({ cluster }));
    const { pools } = await credentials.access();
    await writeConfig({ cluster, user: { token: 'new' } });
    nowMs += 10_000;
    expect(await tokenOf(credentials)).toBe('Bearer new');
    expect((await credentials.access()).pools).toBe(pools);
    await writeFile(caFile, required(newCa, 'a root certificate'));
    nowMs += 10_000;
    expect((await credentials.access()).pools).not.toBe(pools);
    expect(pools.calls.maxFreeSockets).toBe(0);
  });

  it('goes on after a file that was half written', async () => {
    const file = await writeConfig();
    const credentials = await open(file);
    await writeFile(file, '{"clusters": [');
    nowMs += 10_000;
    await expect(credentials.access()).rejects.toThrow(/can't be read/);
    await writeConfig();
    expect(await tokenOf(credentials)).toBe('Bearer secret');
  });
});
