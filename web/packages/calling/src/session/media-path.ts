// The media path of one call: one peer connection at a time. A lost way is looked for anew on the same connection (ICE restart); a
// connection that failed is replaced by a fresh one.
//
// Owns: the peer connection, the tracks that it should send, the sound player. Not here: what the server is told about publications
// (publications.ts), where tracks come from (local-microphone.ts, local-videos.ts).
// Invariants: no connection exists while the person waits or the call is over; a failed negotiation is tried again with backoff, but
// only while signalling is up; what the browser does not answer in time counts as failed. Tests: test/media.test.ts, test/network.test.ts.
import type { AudioPlayer, Peer, Platform, ReceiveSlot, SendLimits } from '../adapters/platform';
import { backoffMs } from '../core/backoff';
import { within } from '../core/deadline';
import { failure } from '../core/errors';
import type { IceServer, MediaKind, Reply, RequestBody } from '../wire';
import { IceRenewal } from './ice-renewal';

/** What the browser has for one step of a negotiation or one change of a track. */
const BROWSER_MS = 10_000;
const SPEAKER_MS = 5_000;
const STATS_MS = 5_000;
/** A new way that was not found in this time will not be; the connection is replaced. */
const RESTART_MS = 4_000;

/** What a media path tells and needs. */
export interface MediaPathHost {
  request(body: RequestBody): Promise<Reply>;
  /** Slots of a new connection; none when it is gone. */
  slots(video: readonly ReceiveSlot[]): void;
  /** Media flow, or no longer. */
  flowing(flows: boolean): void;
  /** Whether the relays answered. */
  relays(reachable: boolean): void;
}

/** Keeps media flowing. */
export class MediaPath {
  private peer: Peer | undefined;
  private readonly player: AudioPlayer;
  private readonly tracks = new Map<MediaKind, MediaStreamTrack | null>();
  private readonly kinds = new Map<string, MediaKind>();
  private iceServers: readonly IceServer[] = [];
  private readonly renewal: IceRenewal;
  private limits: SendLimits | undefined;
  private online = false;
  private offered = false;
  /** The person holds the call: nothing is sent, nothing is played. */
  private held = false;
  private silent = false;
  private interrupted = false;
  private negotiating = false;
  private attempt = 0;
  private cancelRetry: () => void = () => undefined;
  private cancelRestart: () => void = () => undefined;

  constructor(
    private readonly platform: Platform,
    private readonly host: MediaPathHost,
  ) {
    this.player = platform.createPlayer();
    this.renewal = new IceRenewal({
      after: this.after,
      now: () => platform.now(),
      request: (body) => host.request(body),
      renewed: (servers) => { this.renewed(servers); },
    });
  }

  /** The person is in the meeting and signalling is up. */
  enter(iceServers: readonly IceServer[]): void {
    this.online = true;
    this.iceServers = iceServers;
    this.peer?.useServers(iceServers);
    this.renewal.begin(iceServers);
    if (!this.peer) this.start();
    else if (this.interrupted) this.restart();
  }

  /** Signalling is down: what flows may flow on, but nothing is negotiated. */
  offline(): void {
    this.online = false;
    this.renewal.stop();
    this.cancelRetry();
    this.cancelRestart();
  }

  /** The machine uses another network: the way to the server is another one. */
  networkChanged(): void {
    if (!this.peer) return;
    this.interrupted = true;
    if (this.online) this.restart();
  }

  /** The engine gave the connection up. */
  renew(): void {
    this.drop();
    this.host.flowing(false);
    if (this.online) this.start();
  }

  /** The person is no longer in the meeting. */
  leave(): void {
    this.offline();
    this.drop();
  }

  /** The call is over. */
  close(): void {
    this.leave();
    this.tracks.clear();
    this.player.close();
  }

  /** Sends this track from now on, or nothing. */
  async send(kind: MediaKind, track: MediaStreamTrack | null): Promise<void> {
    this.tracks.set(kind, track);
    const { peer } = this;
    if (peer && !this.held) await this.inTime(peer.send(kind, track));
  }

  /** Stops sending and playing, or goes on with what there is. When the browser does not do it, another connection takes the place of this one. */
  async hold(held: boolean): Promise<void> {
    if (this.held === held) return;
    this.held = held;
    this.player.setMuted(held || this.silent);
    const { peer } = this;
    if (!peer) return;
    try {
      await this.inTime(Promise.all([...this.tracks].map(([kind, track]) => peer.send(kind, held ? null : track))));
    } catch {
      // The new connection begins with what is to be sent now; the old one would go on with what was.
      if (this.peer === peer && this.held === held) this.renew();
    }
  }

  /** Limits what the camera sends. */
  async limit(limits: SendLimits): Promise<void> {
    this.limits = limits;
    const { peer } = this;
    if (peer) await this.inTime(peer.limit(limits));
  }

  /** Silences or plays the call. */
  setIncomingMuted(muted: boolean): void {
    this.silent = muted;
    this.player.setMuted(muted || this.held);
  }

  /** Plays on this speaker. */
  setSpeaker(deviceId: string): Promise<void> {
    return within(this.after, SPEAKER_MS, this.player.setSpeaker(deviceId), () => failure('speakerTimeout'));
  }

  /** The audio as one stream, for applications that want it. */
  audioStream(): MediaStream | undefined {
    return this.peer && new MediaStream(this.peer.audioSlots.map(({ track }) => track));
  }

  /** Statistics, while there is a connection. */
  stats(): Promise<RTCStatsReport | undefined> {
    return this.peer ? within(this.after, STATS_MS, this.peer.stats(), () => failure('localMediaLost')) : Promise.resolve(undefined);
  }

  /** What the m-line of this name sends; nothing for a slot. */
  kindOf(mid: string): MediaKind | undefined {
    return this.kinds.get(mid);
  }

  private readonly after = (ms: number, action: () => void): (() => void) => this.platform.after(ms, action);

  private inTime<T>(work: Promise<T>): Promise<T> {
    return within(this.after, BROWSER_MS, work, () => failure('localMediaLost', 'the browser did not answer'));
  }

  /** Newer servers are used for the next way. What flows through a relay gets one now, while the old credential still works. */
  private renewed(servers: readonly IceServer[]): void {
    this.iceServers = servers;
    const { peer } = this;
    if (!peer) return;
    peer.useServers(servers);
    void this.inTime(peer.isRelayed()).then(
      (relayed) => {
        if (relayed && this.online && this.peer === peer) this.restart();
      },
      () => undefined,
    );
  }

  private start(): void {
    this.cancelRetry();
    const peer = this.platform.createPeer(this.iceServers, {
      connected: () => {
        if (this.peer !== peer) return;
        this.attempt = 0;
        this.found();
      },
      interrupted: () => {
        if (this.peer !== peer) return;
        this.host.flowing(false);
        this.interrupted = true;
        if (this.online) this.restart();
      },
      failed: () => {
        if (this.peer === peer) this.renew();
      },
      relays: (reachable) => {
        if (this.peer === peer) this.host.relays(reachable);
      },
    });
    this.peer = peer;
    this.interrupted = false;
    this.negotiating = true;
    void this.negotiate(peer).catch(() => {
      if (this.peer !== peer) return;
      this.drop();
      this.host.flowing(false);
      this.retryLater();
    });
  }

  private async negotiate(peer: Peer): Promise<void> {
    await this.inTime(Promise.all([...this.tracks].map(([kind, track]) => peer.send(kind, this.held ? null : track))));
    if (this.limits) await this.inTime(peer.limit(this.limits));
    const fresh = this.offered;
    const answer = await this.exchange(peer, false, fresh);
    if (answer === undefined) return;
    this.player.play(peer.audioSlots);
    this.host.slots(peer.videoSlots);
    this.negotiating = false;
    if (this.interrupted && this.online) this.restart();
  }

  /** Offers and takes the answer; nothing when another connection took the place of this one meanwhile. */
  private async exchange(peer: Peer, restart: boolean, fresh: boolean): Promise<string | undefined> {
    const { sdp, publications } = await this.inTime(peer.offer(restart));
    if (this.peer !== peer) return undefined;
    this.offered = true;
    for (const { kind, mid } of publications) this.kinds.set(mid, kind);
    const reply = await this.host.request({ type: 'offerMedia', sdp, publications, fresh });
    if (this.peer !== peer) return undefined;
    if (reply.type !== 'media') throw failure('protocol', 'the answer to an offer is no description');
    await this.inTime(peer.accept(reply.sdp));
    return this.peer === peer ? reply.sdp : undefined;
  }

  /** Looks for another way on the same connection; a connection for which there is none is replaced. */
  private restart(): void {
    const { peer } = this;
    if (!peer || this.negotiating) return;
    this.negotiating = true;
    this.cancelRestart();
    this.cancelRestart = this.platform.after(RESTART_MS, () => {
      if (this.peer !== peer || !this.interrupted) return;
      if (peer.flows) this.found();
      else this.renew();
    });
    const settled = (): void => {
      if (this.peer === peer) this.negotiating = false;
    };
    // A refusal or a silence changes nothing: the time above decides.
    void this.exchange(peer, true, false).then(settled, settled);
  }

  private found(): void {
    this.interrupted = false;
    this.cancelRestart();
    this.host.flowing(true);
  }

  private retryLater(): void {
    if (!this.online) return;
    this.cancelRetry = this.platform.after(backoffMs(this.attempt, this.platform.chance()), () => {
      if (this.online && !this.peer) this.start();
    });
    this.attempt += 1;
  }

  private drop(): void {
    const peer = this.peer;
    this.peer = undefined;
    this.interrupted = false;
    this.negotiating = false;
    this.cancelRestart();
    if (!peer) return;
    peer.close();
    this.kinds.clear();
    this.player.play([]);
    this.host.slots([]);
  }
}
