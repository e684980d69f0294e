// One RTCPeerConnection with the constant set of m-lines: four senders, then the receive slots.
//
// Owns: the connection and its judgement of "failed". Not here: who sends what (session/call-media.ts), what a slot carries
// (session/video-subscriptions.ts). Invariants: the order of m-lines never changes; turning a medium on or off never negotiates.
import { systemAfter } from '../core/deadline';
import type { IceServer, MediaKind, PublicationOffer } from '../wire';
import type { Peer, PeerHandlers, ReceiveSlot, SendLimits } from './platform';

const AUDIO_SLOTS = 5;
const VIDEO_SLOTS = 9;
/** A connection that does not come about in this time is given up. */
const CONNECT_MS = 15_000;

const CAMERA_LAYERS: readonly RTCRtpEncodingParameters[] = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_700_000 },
];
const SCREEN_BITRATE = 2_500_000;

/** The layers worth sending of a capture so wide; a layer narrower than 160 pixels helps nobody. */
export function layersFor(width: number): ReadonlySet<string> {
  if (width > 0 && width <= 320) return new Set(['f']);
  if (width > 0 && width < 640) return new Set(['h', 'f']);
  return new Set(['q', 'h', 'f']);
}

/** What is offered of a codec list: Opus, and redundancy, by which the server repeats it for those who lose packets; VP8 first, H.264 in the
 * profile that all browsers share, and retransmission. The rest would only lengthen the description, whose size the wire bounds. */
export function offeredCodecs<T extends { mimeType: string; sdpFmtpLine?: string }>(codecs: readonly T[]): T[] {
  const is = (name: string) => codecs.filter(({ mimeType }) => mimeType.toLowerCase() === name);
  const h264 = is('video/h264').filter(({ sdpFmtpLine = '' }) => /packetization-mode=1/.test(sdpFmtpLine) && /profile-level-id=42e0/i.test(sdpFmtpLine));
  return [...is('audio/opus'), ...is('audio/red'), ...is('video/vp8'), ...h264, ...is('video/rtx')];
}

/** The browser's peer connection. */
export class BrowserPeer implements Peer {
  private readonly connection: RTCPeerConnection;
  private readonly senders: Readonly<Record<MediaKind, RTCRtpTransceiver>>;
  /** What each medium is to send, while that is being brought about. */
  private readonly wished = new Map<MediaKind, MediaStreamTrack | null>();
  private readonly audio: readonly RTCRtpTransceiver[];
  private readonly video: readonly RTCRtpTransceiver[];
  private limits: SendLimits = {};
  private timer: ReturnType<typeof setTimeout> | undefined;
  private transport: RTCDtlsTransport | null = null;
  private done = false;
  private relays: ReadonlySet<string>;
  private relayFound = false;
  /** Relays that the browser gave up. */
  private readonly givenUp = new Set<string>();

  constructor(
    iceServers: readonly IceServer[],
    private readonly handlers: PeerHandlers,
  ) {
    this.connection = new RTCPeerConnection({ iceServers: iceServers.map(toIceServer), bundlePolicy: 'max-bundle' });
    const add = (kind: 'audio' | 'video', init: RTCRtpTransceiverInit): RTCRtpTransceiver => {
      const transceiver = this.connection.addTransceiver(kind, init);
      prefer(transceiver, kind);
      return transceiver;
    };
    this.senders = {
      microphone: add('audio', { direction: 'sendonly' }),
      camera: add('video', { direction: 'sendonly', sendEncodings: CAMERA_LAYERS.map((layer) => ({ ...layer })) }),
      screen: add('video', { direction: 'sendonly', sendEncodings: [{ maxBitrate: SCREEN_BITRATE }] }),
      screenAudio: add('audio', { direction: 'sendonly' }),
    };
    this.audio = Array.from({ length: AUDIO_SLOTS }, () => add('audio', { direction: 'recvonly' }));
    this.video = Array.from({ length: VIDEO_SLOTS }, () => add('video', { direction: 'recvonly' }));
    this.relays = relaysOf(iceServers);
    this.connection.addEventListener('connectionstatechange', this.onState);
    if (this.relays.size === 0) return;
    this.connection.addEventListener('icecandidate', this.onCandidate);
    this.connection.addEventListener('icecandidateerror', this.onCandidateError);
    this.connection.addEventListener('icegatheringstatechange', this.onGathering);
  }

  get flows(): boolean {
    return this.connection.connectionState === 'connected';
  }

  get audioSlots(): readonly ReceiveSlot[] {
    return this.audio.flatMap(slotOf);
  }

  get videoSlots(): readonly ReceiveSlot[] {
    return this.video.flatMap(slotOf);
  }

  async offer(restart = false): Promise<{ sdp: string; publications: PublicationOffer[] }> {
    if (restart) this.connection.restartIce();
    await this.connection.setLocalDescription();
    const publications = (Object.entries(this.senders) as [MediaKind, RTCRtpTransceiver][]).flatMap(([kind, { mid }]) =>
      mid === null ? [] : [{ kind, mid }],
    );
    return { sdp: this.connection.localDescription?.sdp ?? '', publications };
  }

  async accept(answer: string): Promise<void> {
    await this.connection.setRemoteDescription({ type: 'answer', sdp: answer });
    if (this.done) return;
    // When the other side closes, only the transport says so; the connection goes on saying "connected" for a while.
    this.transport = this.senders.microphone.sender.transport;
    this.transport?.addEventListener('statechange', this.onTransport);
    if (this.connection.connectionState !== 'connected') this.giveUpAfter(CONNECT_MS);
  }

  async send(kind: MediaKind, track: MediaStreamTrack | null): Promise<void> {
    if (this.done) return;
    const { sender } = this.senders[kind];
    if (kind === 'screen' && track) track.contentHint = 'detail';
    this.wished.set(kind, track);
    if (kind === 'camera' && track) await this.shape(sender, track.getSettings());
    // Another wish may have overtaken this one meanwhile, above all that nothing be sent.
    if (this.done || this.wished.get(kind) !== track) return;
    await sender.replaceTrack(track);
  }

  async limit(limits: SendLimits): Promise<void> {
    this.limits = limits;
    const { sender } = this.senders.camera;
    await this.shape(sender, sender.track?.getSettings() ?? {});
  }

  useServers(iceServers: readonly IceServer[]): void {
    if (this.done) return;
    try {
      this.relays = relaysOf(iceServers);
      this.connection.setConfiguration({ ...this.connection.getConfiguration(), iceServers: iceServers.map(toIceServer) });
    } catch {
      // The browser keeps the old ones. A connection that is lost is replaced by one that has the new ones.
    }
  }

  async isRelayed(): Promise<boolean> {
    return isRelayed(await this.connection.getStats());
  }

  stats(): Promise<RTCStatsReport> {
    return this.connection.getStats();
  }

  close(): void {
    if (this.done) return;
    this.done = true;
    clearTimeout(this.timer);
    this.connection.removeEventListener('connectionstatechange', this.onState);
    this.transport?.removeEventListener('statechange', this.onTransport);
    this.connection.removeEventListener('icecandidate', this.onCandidate);
    this.connection.removeEventListener('icecandidateerror', this.onCandidateError);
    this.connection.removeEventListener('icegatheringstatechange', this.onGathering);
    // Chromium keeps a connection for ever that is closed between a change of its state and the event of it: it is given a turn to tell.
    systemAfter(0, () => { this.connection.close(); });
  }

  private readonly onState = (): void => {
    if (this.done) return;
    const state = this.connection.connectionState;
    clearTimeout(this.timer);
    if (state === 'connected') this.handlers.connected();
    else if (state === 'failed') this.handlers.failed();
    else if (state === 'disconnected') this.handlers.interrupted();
    else if (state === 'connecting' || state === 'new') this.giveUpAfter(CONNECT_MS);
  };

  private readonly onCandidate = ({ candidate }: RTCPeerConnectionIceEvent): void => {
    if (candidate?.type === 'relay') this.relayFound = true;
  };

  private readonly onCandidateError = ({ url }: RTCPeerConnectionIceErrorEvent): void => {
    this.givenUp.add(url);
  };

  /** A browser that is connected looks no further, so that it found no relay says nothing by itself. */
  private readonly onGathering = (): void => {
    if (this.done || this.connection.iceGatheringState !== 'complete') return;
    const all = this.givenUp.size >= this.relays.size;
    this.givenUp.clear();
    if (this.relayFound || all) this.handlers.relays(this.relayFound);
  };

  private readonly onTransport = (): void => {
    const state = this.transport?.state;
    if (!this.done && (state === 'closed' || state === 'failed')) this.handlers.failed();
  };

  private giveUpAfter(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.done) this.handlers.failed();
    }, ms);
  }

  private async shape(sender: RTCRtpSender, { width = 0, height = 0 }: { width?: number; height?: number }): Promise<void> {
    const layers = layersFor(width);
    const parameters = sender.getParameters();
    const shrink = this.limits.height !== undefined && height > this.limits.height ? height / this.limits.height : 1;
    parameters.encodings.forEach((encoding, at) => {
      const layer = CAMERA_LAYERS[at];
      if (!layer) return;
      encoding.active = encoding.rid === undefined || layers.has(encoding.rid);
      encoding.scaleResolutionDownBy = Math.max(1, (layer.scaleResolutionDownBy ?? 1) * shrink);
      encoding.maxBitrate = Math.min(layer.maxBitrate ?? SCREEN_BITRATE, this.limits.bitrate ?? SCREEN_BITRATE);
      if (this.limits.frameRate === undefined) delete encoding.maxFramerate;
      else encoding.maxFramerate = this.limits.frameRate;
    });
    // A browser without these parameters sends as it would; nothing is lost but thrift.
    await sender.setParameters(parameters).catch(() => undefined);
  }
}

/** Whether the pair of candidates in use begins at a relay. Browsers that do not name the pair mark it. */
export function isRelayed(report: Pick<RTCStatsReport, 'forEach' | 'get'>): boolean {
  let found = false;
  report.forEach((entry: { type: string; selectedCandidatePairId?: string; selected?: boolean; localCandidateId?: string }) => {
    const pair =
      entry.type === 'transport' && entry.selectedCandidatePairId !== undefined
        ? (report.get(entry.selectedCandidatePairId) as { localCandidateId?: string } | undefined)
        : entry.type === 'candidate-pair' && entry.selected === true
          ? entry
          : undefined;
    const local = pair?.localCandidateId === undefined ? undefined : (report.get(pair.localCandidateId) as { candidateType?: string } | undefined);
    found ||= local?.candidateType === 'relay';
  });
  return found;
}

function slotOf({ mid, receiver }: RTCRtpTransceiver): ReceiveSlot[] {
  return mid === null ? [] : [{ mid, track: receiver.track }];
}

function prefer(transceiver: RTCRtpTransceiver, kind: 'audio' | 'video'): void {
  const codecs = offeredCodecs(RTCRtpReceiver.getCapabilities(kind)?.codecs ?? []);
  if (codecs.length === 0) return;
  try {
    transceiver.setCodecPreferences(codecs);
  } catch {
    // The browser keeps its own order; the server chooses what both know.
  }
}

function relaysOf(iceServers: readonly IceServer[]): ReadonlySet<string> {
  return new Set(iceServers.flatMap(({ urls }) => urls.filter((url) => /^turns?:/i.test(url))));
}

function toIceServer(server: IceServer): RTCIceServer {
  return {
    urls: server.urls,
    ...(server.username === null ? {} : { username: server.username }),
    ...(server.credential === null ? {} : { credential: server.credential }),
  };
}
