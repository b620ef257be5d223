import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

it('gives an app its log, metrics and scope, and ends with what the app has stopped', async () => {
  const source = `
    import { bootApp } from ${JSON.stringify(new URL('boot-app.ts', import.meta.url).href)};
    const serving = setInterval(() => undefined, 1_000);
    const settings = {
      logLevel: 'warn', logFormat: 'text', otlpEndpoint: null, shutdownGraceMs: 5_000, greeting: 'hi',
    };
    await bootApp('demo', settings, async ({ app, settings, scope, log, metrics }) => {
      log.info('below_the_level');
      log.warn('started', { greeting: settings.greeting, name: app, built: metrics.build.app });
      scope.onStop('part', () => log.warn('part_stopped'));
      process.kill(process.pid, 'SIGTERM');
    });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    cwd: new URL('.', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  expect(code).toBe(0);
  expect(output).toMatch(/started.*greeting=hi name=demo built=demo.*\n.*part_stopped.*\n$/);
  expect(output).not.toContain('below_the_level');
});
