// The media path of one call: one peer connection at a time, replaced by a fresh one when it fails.
//
// Owns: the peer connection, the tracks that it should send, the sound player. Not here: what the server is told about publications
// (publications.ts), where tracks come from (local-microphone.ts, local-videos.ts).
// Invariants: no connection exists while the person waits or the call is over; a failed negotiation is tried again with backoff, but
// only while signalling is up. Tests: test/media.test.ts.
import type { AudioPlayer, Peer, Platform, ReceiveSlot, SendLimits } from '../adapters/platform';
import { backoffMs } from '../core/backoff';
import { failure } from '../core/errors';
import type { IceServer, MediaKind, Reply, RequestBody } from '../wire';

/** What a media path tells and needs. */
export interface MediaPathHost {
  request(body: RequestBody): Promise<Reply>;
  /** Slots of a new connection; none when it is gone. */
  slots(video: readonly ReceiveSlot[]): void;
  /** Media flow, or no longer. */
  flowing(flows: boolean): void;
}

/** Keeps media flowing. */
export class MediaPath {
  private peer: Peer | undefined;
  private readonly player: AudioPlayer;
  private readonly tracks = new Map<MediaKind, MediaStreamTrack | null>();
  private iceServers: readonly IceServer[] = [];
  private limits: SendLimits | undefined;
  private online = false;
  private offered = false;
  private attempt = 0;
  private cancelRetry: () => void = () => undefined;

  constructor(
    private readonly platform: Platform,
    private readonly host: MediaPathHost,
  ) {
    this.player = platform.createPlayer();
  }

  /** The person is in the meeting and signalling is up. */
  enter(iceServers: readonly IceServer[]): void {
    this.online = true;
    this.iceServers = iceServers;
    if (!this.peer) this.start();
  }

  /** Signalling is down: what flows may flow on, but nothing is negotiated. */
  offline(): void {
    this.online = false;
    this.cancelRetry();
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
    await this.peer?.send(kind, track);
  }

  /** Limits what the camera sends. */
  async limit(limits: SendLimits): Promise<void> {
    this.limits = limits;
    await this.peer?.limit(limits);
  }

  /** Silences or plays the call. */
  setIncomingMuted(muted: boolean): void {
    this.player.setMuted(muted);
  }

  /** Plays on this speaker. */
  setSpeaker(deviceId: string): Promise<void> {
    return this.player.setSpeaker(deviceId);
  }

  /** The audio as one stream, for applications that want it. */
  audioStream(): MediaStream | undefined {
    return this.peer && new MediaStream(this.peer.audioSlots.map(({ track }) => track));
  }

  /** Statistics, while there is a connection. */
  stats(): Promise<RTCStatsReport | undefined> {
    return this.peer?.stats() ?? Promise.resolve(undefined);
  }

  private start(): void {
    this.cancelRetry();
    const peer = this.platform.createPeer(this.iceServers, {
      connected: () => {
        if (this.peer !== peer) return;
        this.attempt = 0;
        this.host.flowing(true);
      },
      failed: () => {
        if (this.peer === peer) this.renew();
      },
    });
    this.peer = peer;
    void this.negotiate(peer).catch(() => {
      if (this.peer !== peer) return;
      this.drop();
      this.host.flowing(false);
      this.retryLater();
    });
  }

  private async negotiate(peer: Peer): Promise<void> {
    await Promise.all([...this.tracks].map(([kind, track]) => peer.send(kind, track)));
    if (this.limits) await peer.limit(this.limits);
    const { sdp, publications } = await peer.offer();
    if (this.peer !== peer) return;
    const fresh = this.offered;
    this.offered = true;
    const reply = await this.host.request({ type: 'offerMedia', sdp, publications, fresh });
    if (this.peer !== peer) return;
    if (reply.type !== 'media') throw failure('protocol', 'the answer to an offer is no description');
    await peer.accept(reply.sdp);
    this.player.play(peer.audioSlots);
    this.host.slots(peer.videoSlots);
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
    if (!peer) return;
    peer.close();
    this.player.play([]);
    this.host.slots([]);
  }
}
