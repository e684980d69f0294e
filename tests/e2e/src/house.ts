/**
 * Starts and stops the processes under test: `anteroom dev` and the example application.
 *
 * Waits for facts (the ready file, a line on standard output, the exit of a process), never for time to pass.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

export interface Account {
  id: string;
  userPrincipalName: string;
  displayName: string;
  password: string;
}

export interface Ready {
  origin: string;
  httpOrigin: string;
  caCertificate: string;
  tenantId: string;
  resourceId: string;
  connectionString: string;
  graphBaseUrl: string;
  authority: string;
  application: { clientId: string; clientSecret: string };
  members: Account[];
  adminUrl: string;
  metricsUrl: string;
}

/** One running `anteroom dev` with a data directory of its own. */
export class House {
  private constructor(
    readonly dir: string,
    private child: ChildProcess,
    public ready: Ready,
  ) {}

  static async start(): Promise<House> {
    const dir = mkdtempSync(join(tmpdir(), 'anteroom-e2e-'));
    const { child, ready } = await launch(dir, '127.0.0.1:0', '127.0.0.1:0');
    return new House(dir, child, ready);
  }

  get organizer(): Account {
    return member(this.ready, 0);
  }

  get colleague(): Account {
    return member(this.ready, 1);
  }

  get administrator(): Account {
    return member(this.ready, 2);
  }

  get readyFile(): string {
    return join(this.dir, 'ready.json');
  }

  /** Ends the process without any chance to tidy up. */
  async kill(): Promise<void> {
    await end(this.child, 'SIGKILL');
  }

  /** Starts again on the same data and the same ports. */
  async restart(): Promise<void> {
    const http = new URL(this.ready.httpOrigin).host;
    const https = `127.0.0.1:${new URL(this.ready.origin).port}`;
    rmSync(this.readyFile, { force: true });
    const { child, ready } = await launch(this.dir, http, https);
    this.child = child;
    this.ready = ready;
  }

  /** Stops cleanly and removes the data. */
  async stop(): Promise<void> {
    const code = await end(this.child, 'SIGTERM');
    rmSync(this.dir, { recursive: true, force: true });
    if (code !== 0) throw new Error(`anteroom ended with ${String(code)} on SIGTERM`);
  }
}

/** The example application of a customer, on the official packages. */
export class Visit {
  private constructor(
    private readonly child: ChildProcess,
    readonly origin: string,
  ) {}

  static async start(house: House): Promise<Visit> {
    const child = spawn('node', [join(root, 'examples/visit/server.mjs')], {
      env: {
        ...process.env,
        READY_FILE: house.readyFile,
        NODE_EXTRA_CA_CERTS: house.ready.caCertificate,
        PORT: '0',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const origin = await line(child, /(http:\/\/127\.0\.0\.1:\d+)/);
    return new Visit(child, origin);
  }

  /** The page that the application would send to its guest for this meeting. */
  guestPage(joinWebUrl: string): string {
    return `${this.origin}/visit?meeting=${encodeURIComponent(joinWebUrl)}`;
  }

  async stop(): Promise<void> {
    await end(this.child, 'SIGTERM');
  }
}

/** A synthetic participant brought by the command line. */
export class Bot {
  private constructor(private readonly child: ChildProcess) {}

  /** Resolves when the bot says that it is in the meeting. */
  static async join(link: string, name: string): Promise<Bot> {
    const child = spawn(binary(), ['bot', 'join', '--link', link, '--name', name], { stdio: ['ignore', 'pipe', 'inherit'] });
    await line(child, /(in the meeting)/);
    return new Bot(child);
  }

  /** As Ctrl-C does. */
  async interrupt(): Promise<number | null> {
    return end(this.child, 'SIGINT');
  }
}

function binary(): string {
  return process.env['ANTEROOM_BINARY'] ?? join(root, 'target/debug/anteroom');
}

function member(ready: Ready, index: number): Account {
  const account = ready.members[index];
  if (account === undefined) throw new Error(`the ready file names no member ${String(index)}`);
  return account;
}

async function launch(dir: string, http: string, https: string): Promise<{ child: ChildProcess; ready: Ready }> {
  const readyFile = join(dir, 'ready.json');
  const child = spawn(binary(), ['dev', '--data', join(dir, 'data'), '--http', http, '--https', https, '--ready-file', readyFile], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  await Promise.race([
    appears(readyFile),
    once(child, 'exit').then(([code]) => {
      throw new Error(`anteroom ended with ${String(code)} before it was ready`);
    }),
  ]);
  return { child, ready: JSON.parse(readFileSync(readyFile, 'utf8')) as Ready };
}

/** Resolves when the file exists; it is written under another name and renamed, so it is whole then. */
function appears(file: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(dirname(file), () => {
      check();
    });
    const check = (): void => {
      if (!existsSync(file)) return;
      watcher.close();
      resolve();
    };
    check();
  });
}

function line(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      const match = pattern.exec(seen);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    child.once('exit', (code) => {
      reject(new Error(`the process ended with ${String(code)} and had said: ${seen}`));
    });
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const exit = once(child, 'exit');
  child.kill(signal);
  const [code] = (await exit) as [number | null];
  return code;
}
