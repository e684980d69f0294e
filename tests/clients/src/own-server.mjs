/** A server of a test's own, with arguments and data that the common one does not have. Its certificates are by the same authority. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ready as common } from './house.mjs';

const binary = process.env.ANTEROOM_BINARY ?? fileURLToPath(new URL('../../../target/debug/anteroom', import.meta.url));

/**
 * Starts it and waits until it serves.
 * @param {string[]} args @returns {Promise<{ ready: object, stop: () => Promise<void> }>}
 */
export async function ownServer(args, env = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'anteroom-own-'));
  const data = join(dir, 'data');
  mkdirSync(data);
  cpSync(dirname(common.caCertificate), join(data, 'tls'), { recursive: true });
  const readyFile = join(dir, 'ready.json');
  const process_ = spawn(binary, ['dev', '--data', data, '--http', '127.0.0.1:0', '--https', '127.0.0.1:0', '--ready-file', readyFile, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  const ended = once(process_, 'exit').then(([code]) => code);
  await Promise.race([
    appears(readyFile),
    ended.then((code) => {
      throw new Error(`anteroom ended with ${code} before it was ready`);
    }),
  ]);
  const stop = async () => {
    process_.kill('SIGTERM');
    const code = await ended;
    rmSync(dir, { recursive: true, force: true });
    if (code !== 0) throw new Error(`anteroom ended with ${code} on SIGTERM`);
  };
  return { ready: JSON.parse(readFileSync(readyFile, 'utf8')), stop };
}

/** Resolves when the file exists; it is renamed into place, so it is whole then. */
function appears(file) {
  return new Promise((resolve) => {
    const check = () => {
      if (!existsSync(file)) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(dirname(file), check);
    check();
  });
}
