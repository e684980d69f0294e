// Keeps the ICE servers of a call young: their credentials end, the call goes on.
//
// Owns: when newer ones are asked for. Not here: the first ones, which come with every snapshot (call-session.ts), what is done with them
// (media-path.ts). Newer ones are asked for when three quarters of the shortest life are over, and when the server gives none, again after
// half of the rest. Nothing happens when all of that fails: what flows directly flows on, and a new way is looked for when one is lost.
// Tests: test/relays.test.ts.
import type { After } from '../core/deadline';
import type { IceServer, Reply, RequestBody } from '../wire';

/** Not more often than this. */
const LEAST_MS = 10_000;
/** Timers of browsers end at 24 days. */
const MOST_MS = 86_400_000;

/** What renewing needs. */
export interface IceRenewalHost {
  readonly after: After;
  now(): number;
  request(body: RequestBody): Promise<Reply>;
  /** These take the place of those before. */
  renewed(servers: readonly IceServer[]): void;
}

/** Keeps the ICE servers of one call young. */
export class IceRenewal {
  private generation = 0;
  private ends = 0;
  private servers: readonly IceServer[] = [];
  private cancel: () => void = () => undefined;

  constructor(private readonly host: IceRenewalHost) {}

  /** The server gave these just now. */
  begin(servers: readonly IceServer[]): void {
    this.stop();
    this.servers = servers;
    const lives = servers.flatMap(({ lifetimeS }) => (typeof lifetimeS === 'number' ? [lifetimeS * 1000] : []));
    if (lives.length === 0) return;
    const life = Math.min(...lives);
    this.ends = this.host.now() + life;
    this.askIn((life * 3) / 4);
  }

  /** The person is not in the call, or the server cannot be asked. */
  stop(): void {
    this.generation += 1;
    this.cancel();
  }

  private askIn(ms: number): void {
    const { generation } = this;
    this.cancel = this.host.after(Math.min(Math.max(ms, LEAST_MS), MOST_MS), () => void this.ask(generation));
  }

  private async ask(generation: number): Promise<void> {
    const reply = await this.host.request({ type: 'renewIceServers' }).catch(() => undefined);
    if (generation !== this.generation) return;
    if (reply?.type === 'iceServers' && reply.iceServers.length > 0) {
      const lasting = this.servers.filter(({ lifetimeS }) => typeof lifetimeS !== 'number');
      this.begin([...reply.iceServers, ...lasting]);
      this.host.renewed(this.servers);
    } else if (this.host.now() < this.ends) this.askIn((this.ends - this.host.now()) / 2);
  }
}
