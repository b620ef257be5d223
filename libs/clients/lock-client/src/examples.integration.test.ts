/** The examples in four languages do what their README says. */
import { type LockmgrCluster, startLockmgr, temporaryFolder } from '@windlass/testkit';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import {
  type ExampleProgram,
  goExample,
  grpcurlExample,
  pythonExample,
  run,
  ToolsMissingError,
  typescriptExample,
} from './testing/example-programs.ts';

/** A first build fetches packages and compiles gRPC. */
const firstBuildMs = 300_000;

describe('the examples', () => {
  const folder = temporaryFolder();
  let cluster: LockmgrCluster;

  beforeAll(async () => {
    cluster = await startLockmgr({ nodes: 1, dataDir: folder.path });
  });

  afterAll(async () => {
    await cluster.stop();
    folder.remove();
  });

  /** Skips, with the reason, where the machine lacks the language. */
  async function orSkip(
    context: TestContext,
    build: () => Promise<ExampleProgram>,
  ): Promise<ExampleProgram> {
    try {
      return await build();
    } catch (error) {
      if (!(error instanceof ToolsMissingError)) throw error;
      context.skip(`this machine can't build the example: ${error.message}`);
      throw error;
    }
  }

  function address(): string {
    return cluster.addresses[0] ?? '';
  }

  it('TypeScript: two tasks, one after the other, with rising tokens', async () => {
    const lines = (await run(typescriptExample(), address())).trim().split('\n');
    const tokens = lines.slice(0, 2).map((line) => Number(line.split(' ').at(-1)));
    expect(tokens[1]).toBeGreaterThan(tokens[0] ?? Number.POSITIVE_INFINITY);
    expect(lines[2]).toBe('written: first, second');
  });

  it('grpcurl: a lock by hand', async () => {
    expect(await run(grpcurlExample(), address())).toMatch(
      /^session [1-9]\d*\ntoken [1-9]\d*\nvalid true\nreleased\n$/,
    );
  });

  it('Go: the unary calls', { timeout: firstBuildMs }, async (context) => {
    const program = await orSkip(context, goExample);
    expect(await run(program, address())).toMatch(/^token [1-9]\d*\nvalid true\nreleased\n$/);
  });

  it('Python: the unary calls', { timeout: firstBuildMs }, async (context) => {
    const program = await orSkip(context, pythonExample);
    expect(await run(program, address())).toMatch(/^token [1-9]\d*\nvalid true\nreleased\n$/);
  });
});
