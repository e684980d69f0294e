// Brings a newer token to the server while a connection is up, so that a call outlives the token that it began with.
//
// Owns: when to ask the application for one. Not here: the first token and the one of a new socket (agent-session.ts). A token is asked
// for three minutes ahead of the end of the one in use, a short one at half its life; as long as the application gives the same one,
// gives none, or the server refuses it, again after half of the rest, and once the old one has ended every few seconds: the common
// credential makes a new token only then, and the server waits half a minute for it. Nothing happens when all of that fails: the server
// ends the connection and says so. Tests: test/token-renewal.test.ts.
import type { After } from '../core/deadline';
import { readToken } from '../core/token';

/** Asked for this long ahead. */
const AHEAD_MS = 180_000;
/** Not more often than this. */
const LEAST_MS = 5_000;
/** The server keeps a connection for so long after the end of its token. */
const GRACE_MS = 30_000;
/** Timers of browsers end at 24 days. */
const MOST_MS = 3_600_000;

/** What renewing needs. */
export interface RenewalHost {
  readonly after: After;
  now(): number;
  /** Asks the application. */
  token(): Promise<string>;
  /** Tells the server; fails when it refuses. */
  bring(token: string): Promise<void>;
}

/** Keeps one connection's token young. */
export class TokenRenewal {
  private current: string | undefined;
  private cancel: () => void = () => undefined;
  private generation = 0;

  constructor(private readonly host: RenewalHost) {}

  /** The server took this token just now. */
  begin(token: string): void {
    this.stop();
    this.current = token;
    this.schedule();
  }

  /** The connection is gone. */
  stop(): void {
    this.generation += 1;
    this.current = undefined;
    this.cancel();
  }

  private schedule(): void {
    const expires = this.current === undefined ? undefined : readToken(this.current)?.expiresMs;
    if (expires === undefined) return;
    const left = expires - this.host.now();
    if (left <= -GRACE_MS) return;
    const wait = left > 2 * AHEAD_MS ? left - AHEAD_MS : left > 2 * LEAST_MS ? left / 2 : left > 0 ? left + 1 : LEAST_MS;
    const early = Math.min(wait, MOST_MS);
    const { generation } = this;
    this.cancel = this.host.after(early, () => {
      if (early < wait) this.schedule();
      else void this.renew(generation);
    });
  }

  private async renew(generation: number): Promise<void> {
    try {
      const token = await this.host.token();
      if (generation !== this.generation) return;
      if (token !== this.current) {
        await this.host.bring(token);
        if (generation !== this.generation) return;
        this.current = token;
      }
    } catch {
      // The application or the server may answer otherwise next time, before the end.
    }
    if (generation === this.generation) this.schedule();
  }
}
