/**
 * Starts `anteroom dev` with data of its own and runs the tests in `src/` against it.
 *
 * The tests run in a process of their own, since node reads the certificates it trusts (NODE_EXTRA_CA_CERTS) only when it starts.
 * Waits for facts: the ready file, the end of a process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const binary = process.env.ANTEROOM_BINARY ?? join(here, '../../target/debug/anteroom');
if (!existsSync(binary)) throw new Error(`${binary} does not exist; build it: cargo build -p anteroom-server`);

const dir = mkdtempSync(join(tmpdir(), 'anteroom-clients-'));
const readyFile = join(dir, 'ready.json');
const server = spawn(binary, ['dev', '--data', join(dir, 'data'), '--http', '127.0.0.1:0', '--https', '127.0.0.1:0', '--ready-file', readyFile], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
const serverEnds = once(server, 'exit').then(([code]) => code);

try {
  await Promise.race([
    appears(readyFile),
    serverEnds.then((code) => {
      throw new Error(`anteroom ended with ${code} before it was ready`);
    }),
  ]);
  const ready = JSON.parse(readFileSync(readyFile, 'utf8'));
  // `node run.mjs [options of node --test] [files in src]`
  const options = process.argv.slice(2).filter((word) => word.startsWith('--'));
  const named = process.argv.slice(2).filter((word) => !word.startsWith('--'));
  const files = named.length > 0 ? named : readdirSync(join(here, 'src')).filter((name) => name.endsWith('.test.mjs'));
  const tests = spawn(process.execPath, ['--test', '--test-reporter=spec', ...options, ...files.map((name) => join('src', name))], {
    cwd: here,
    stdio: 'inherit',
    env: { ...process.env, READY_FILE: readyFile, NODE_EXTRA_CA_CERTS: ready.caCertificate },
  });
  const [code] = await once(tests, 'exit');
  process.exitCode = code ?? 1;
} finally {
  server.kill('SIGTERM');
  const code = await serverEnds;
  rmSync(dir, { recursive: true, force: true });
  if (code !== 0) {
    process.stderr.write(`anteroom ended with ${code} on SIGTERM\n`);
    process.exitCode = 1;
  }
}

/** Resolves when the file exists; it is renamed into place, so it is whole then. */
function appears(file) {
  return new Promise((resolve) => {
    const check = () => {
      if (!existsSync(file)) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(join(file, '..'), check);
    check();
  });
}
