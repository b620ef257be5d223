/**
 * Gets the checkout ready for a command of the stack: npm packages, generated code. Runs on any
 * Node from 20 on, and does nothing where everything is in place. While npm works for the first
 * time, Go compiles what the pinned servers consist of: the two hardly need the same resources.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { whyInstall } from './installed.mjs';

/** Where output is no terminal, a sign of life this often. */
const PROGRESS_INTERVAL_MS = 10_000;

/** Commands that run the project's code, and so need it as the lock file has it. */
const NEEDS_ALL = new Set([
  'run',
  'restart',
  'run-api',
  'run-worker',
  'run-watcher',
  'run-lockmgr',
  'prepare',
]);
const PINNED_NODE = 'node_modules/.bin/node';
/** The generated client of the database, and all that it's made from. */
const GENERATED = 'libs/adapters/postgres/src/generated';
const GENERATED_FROM = ['libs/adapters/postgres/prisma/schema.prisma', 'package-lock.json'];
const GENERATED_STAMP = `${GENERATED}/.made-from.sha256`;

/** Of a failing program's output, what is shown. */
const OUTPUT_CHARACTERS_MAX = 4_000;

/** What the user can do something about: shown without a stack trace. */
class Failure extends Error {}

const command = process.argv[2] ?? '';
try {
  await prepare();
} catch (error) {
  console.error(error instanceof Failure ? `✗ ${error.message}` : error);
  process.exit(1);
}

async function prepare() {
  if (command === 'run') checkGo();
  if (NEEDS_ALL.has(command)) {
    const why = whyNotAsLocked();
    if (why !== null) await install(why);
    await generate();
  } else if (!existsSync(PINNED_NODE)) {
    // Nothing could have been started from here, unless the packages were removed since.
    if (runningStacks().length > 0) await install('the pinned Node is missing');
    else nothingRuns();
  }
}

/** Why the installed packages are not those of the lock file; null where they are. */
function whyNotAsLocked() {
  if (!existsSync(PINNED_NODE)) return 'the pinned Node is missing';
  const installed = readOrNull('node_modules/.package-lock.json');
  return whyInstall(readFileSync('package-lock.json', 'utf8'), installed);
}

function nothingRuns() {
  console.log('nothing is installed, so nothing runs; `make run` installs and starts everything');
  process.exit(command === 'stop' || command === 'clean' ? 0 : 1);
}

/**
 * Says so before minutes go into the npm packages. Where servers of the user's may stand in for the
 * pinned ones, it's left to the build, which knows.
 */
function checkGo() {
  const others = ['WINDLASS_INFRA', 'NATS_URL', 'KUBECONFIG'];
  const dotEnv = readOrNull('.env') ?? '';
  if (others.some((name) => process.env[name] || dotEnv.includes(name)) || wasBuiltOnce()) return;
  if (isThere('go') || isThere('kube-apiserver')) return;
  const wanted = /^go (\S+)$/m.exec(readFileSync('tools/infra/go.mod', 'utf8'))?.[1];
  throw new Failure(
    `Go is missing: install Go ${wanted} or later, which builds the pinned servers once; ` +
      '`make verify` shows all that is needed',
  );
}

function isThere(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

async function install(why) {
  if (command === 'restart' && existsSync(PINNED_NODE)) {
    await execute(PINNED_NODE, ['tools/stack/src/main.ts', 'stop']);
  }
  const running = existsSync(PINNED_NODE) ? runningStacks() : [];
  if (running.length > 0) {
    const commands = running.map((name) => `make stop STACK=${name}`).join(', ');
    throw new Failure(
      `packages have to be installed (${why}), and a stack runs on the present ones: ${commands} first`,
    );
  }
  console.log(`Installing npm packages: ${why}`);
  const startedMs = Date.now();
  const compiler = warmGoCache();
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    const go = compiler === null ? '' : `; Go has compiled ${compiler.count()} packages`;
    console.log(`  ${seconds} s: npm is at work${go}`);
  }, PROGRESS_INTERVAL_MS);
  try {
    // Takes every version from the lock file, as `npm ci` does, which refuses a lock file that was
    // written where packages of other platforms can't be had. That nothing else came is checked.
    await execute('npm', ['install', '--no-save', '--prefer-offline', '--loglevel=error']);
  } finally {
    clearInterval(timer);
    await compiler?.stop();
  }
  const still = whyNotAsLocked();
  if (still !== null) {
    throw new Failure(`package.json and package-lock.json don't fit together: ${still}`);
  }
  console.log(`✓ npm packages (${Math.round((Date.now() - startedMs) / 1000)} s)`);
}

/** Stacks whose supervisor runs; as a hint only, the supervisors themselves know better. */
function runningStacks() {
  if (!existsSync('.windlass')) return [];
  return readdirSync('.windlass').filter((name) => {
    const lock = readOrNull(join('.windlass', name, 'supervisor.lock'));
    if (lock === null) return false;
    const pid = JSON.parse(lock).pid;
    return existsSync('/proc/self') ? existsSync(`/proc/${pid}`) : true;
  });
}

/**
 * Compiles the servers' packages into Go's cache, where the build that follows finds them. Only
 * where none were ever built, and as long as npm is at work: what isn't done by then is left to
 * that build, which shows its progress.
 */
function warmGoCache() {
  if (wasBuiltOnce()) return null;
  // For each package a line when it's compiled; nothing is linked.
  const go = spawn('go', ['list', '-v', '-export', '-deps', '-f', '', './servers'], {
    cwd: 'tools/infra',
    env: { GOGC: '400', ...process.env, GOFLAGS: `${process.env.GOFLAGS ?? ''} -buildvcs=false` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let compiled = 0;
  go.stderr.on('data', (chunk) => {
    const lines = String(chunk).split('\n');
    compiled += lines.filter((line) => line !== '' && !line.startsWith('go:')).length;
  });
  // Where Go is missing or fails, the build that follows says what to do.
  const ended = new Promise((resolve) => {
    go.once('error', resolve);
    go.once('close', resolve);
  });
  return {
    count: () => compiled,
    stop: async () => {
      go.kill('SIGTERM');
      await ended;
    },
  };
}

/** Whether servers of some pins are in the cache. */
function wasBuiltOnce() {
  const cacheHome = process.env.XDG_CACHE_HOME;
  const cache = cacheHome && isAbsolute(cacheHome) ? cacheHome : join(homedir(), '.cache');
  const built = join(cache, 'windlass');
  return existsSync(built) && readdirSync(built).some((name) => /^infra-[0-9a-f]+$/.test(name));
}

async function generate() {
  const hash = createHash('sha256');
  for (const path of GENERATED_FROM)
    hash.update(`${path}\0`).update(readFileSync(path)).update('\0');
  const stamp = hash.digest('hex');
  if (readOrNull(GENERATED_STAMP)?.trim() === stamp) return;
  console.log('Generating code');
  await execute('npm', ['run', 'generate']);
  writeFileSync(GENERATED_STAMP, `${stamp}\n`);
}

/** Runs a program with this terminal; what it prints shows only where it fails. */
function execute(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        // Programs say what is wrong first, and npm then how it is used.
        output = (output + chunk).slice(0, OUTPUT_CHARACTERS_MAX);
      });
    }
    child.once('error', (error) => {
      reject(
        new Failure(
          error.code === 'ENOENT'
            ? `${program} is missing: it comes with Node.js; \`make verify\` shows all that is needed`
            : `${program}: ${error.message}`,
        ),
      );
    });
    child.once('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      else
        reject(
          new Failure(`${program} ${args.join(' ')} ended with ${code ?? signal}:\n${output}`),
        );
    });
  });
}

function readOrNull(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  }
}
