import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bundleApp } from './bundle-app.ts';
import { tryBundle } from './try-bundle.ts';

const modules = resolve(import.meta.dirname, '../../../../node_modules');

describe('a bundle', { timeout: 60_000 }, () => {
  it('runs from an empty folder, and finds the files of the packages in it', async () => {
    const folder = makeApp(`
      import fastify from 'fastify';
      import swaggerUi from '@fastify/swagger-ui';
      import swagger from '@fastify/swagger';
      const server = fastify();
      await server.register(swagger);
      await server.register(swaggerUi, { routePrefix: '/swagger' });
      const { statusCode } = await server.inject({ url: '/swagger/static/swagger-ui.css' });
      console.log(statusCode, process.argv[2], 'Settings');
    `);
    expect(await bundleApp(folder)).toEqual({ ok: true, value: null });
    expect(await tryBundle(folder)).toEqual({ ok: true, value: '200 --help Settings\n' });
  });

  it('fails where an import leads nowhere', async () => {
    const outcome = await bundleApp(makeApp("import './nowhere.ts';"));
    expect(outcome).toMatchObject({ ok: false, error: expect.stringContaining('nowhere.ts') });
  });

  it('fails where it needs what is not in it', async () => {
    const folder = makeApp(`
      import { createRequire } from 'node:module';
      createRequire(import.meta.url)('fastify');
    `);
    expect(await bundleApp(folder)).toMatchObject({ ok: true });
    const outcome = await tryBundle(folder);
    expect(outcome).toMatchObject({ ok: false, error: expect.stringContaining('fastify') });
  });
});

function makeApp(main: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'windlass-bundle-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(join(folder, 'src/main.ts'), main);
  symlinkSync(modules, join(folder, 'node_modules'));
  return folder;
}
