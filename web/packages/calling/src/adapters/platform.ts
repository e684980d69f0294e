// What the SDK needs of its surroundings, as one port: sockets, peer connections, sound, time, chance.
// The browser's side is `browserPlatform`; tests bring their own.
import type { IceServer, MediaKind, PublicationOffer } from '../wire';
import { BrowserAudioPlayer } from './audio-player';
import { openLevelMeter } from './level-meter';
import { BrowserPeer } from './peer';

/** A text socket. */
export interface Socket {
  send(text: string): void;
  close(): void;
}

/** What a socket tells. */
export interface SocketHandlers {
  opened(): void;
  received(text: string): void;
  /** Told exactly once, whoever closed. */
  closed(): void;
}

/** A receive slot of a peer connection. */
export interface ReceiveSlot {
  readonly mid: string;
  readonly track: MediaStreamTrack;
}

/** What a peer connection tells. */
export interface PeerHandlers {
  /** Media flow. */
  connected(): void;
  /** Media stopped flowing; another way to the server should be looked for. */
  interrupted(): void;
  /** Whether the relays that were named could be reached; told when the search for addresses is over. */
  relays(reachable: boolean): void;
  /** Media do not flow and will not by themselves. */
  failed(): void;
}

/** Limits of the camera's sending. */
export interface SendLimits {
  readonly height?: number | undefined;
  readonly frameRate?: number | undefined;
  readonly bitrate?: number | undefined;
}

/** One peer connection with its fixed senders and slots. */
export interface Peer {
  /** With `restart` the way to the server is looked for anew; everything else stays. */
  offer(restart?: boolean): Promise<{ sdp: string; publications: PublicationOffer[] }>;
  /** Whether media flow, as far as the connection knows. */
  readonly flows: boolean;
  accept(answer: string): Promise<void>;
  /** Known after `offer`. */
  readonly audioSlots: readonly ReceiveSlot[];
  readonly videoSlots: readonly ReceiveSlot[];
  /** Sends this track, or nothing. */
  send(kind: MediaKind, track: MediaStreamTrack | null): Promise<void>;
  limit(limits: SendLimits): Promise<void>;
  /** ICE servers for the next way that is looked for. */
  useServers(iceServers: readonly IceServer[]): void;
  /** Whether what flows goes through a relay. */
  isRelayed(): Promise<boolean>;
  stats(): Promise<RTCStatsReport>;
  close(): void;
}

/** Plays the sound of a call. */
export interface AudioPlayer {
  play(slots: readonly ReceiveSlot[]): void;
  setMuted(muted: boolean): void;
  setSpeaker(deviceId: string): Promise<void>;
  close(): void;
}

/** Measures a stream. */
export interface LevelMeter {
  /** Loudness now, 0 (digital silence) to 1; nothing while it cannot be known. */
  level(): number | undefined;
  close(): void;
}

/** The surroundings. */
export interface Platform {
  openSocket(url: string, handlers: SocketHandlers): Socket;
  createPeer(iceServers: readonly IceServer[], handlers: PeerHandlers): Peer;
  createPlayer(): AudioPlayer;
  /** Calls once after so many milliseconds; the result cancels. */
  after(ms: number, action: () => void): () => void;
  /** Milliseconds since 1970. */
  now(): number;
  createMeter(stream: MediaStream): LevelMeter;
  /** Whether the browser believes to be online. */
  isOnline(): boolean;
  /** 0 to 1. */
  chance(): number;
  uuid(): string;
  /** Tells when the browser believes to be on- or offline, or (as online) that it uses another network; the result ends it. */
  onNetwork(listener: (online: boolean) => void): () => void;
  /** Tells when the page can be seen again or goes on after it was frozen; the result ends it. */
  onResumed(listener: () => void): () => void;
  /** Tells when the person leaves the page; the result ends it. */
  onPageLeft(listener: () => void): () => void;
}

/** The browser. */
export const browserPlatform: Platform = {
  openSocket(url, handlers) {
    const socket = new WebSocket(url);
    socket.addEventListener('open', () => { handlers.opened(); });
    socket.addEventListener('message', (message: MessageEvent<unknown>) => {
      if (typeof message.data === 'string') handlers.received(message.data);
    });
    socket.addEventListener('close', () => { handlers.closed(); });
    return {
      send: (text) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      close: () => { socket.close(); },
    };
  },
  createPeer: (iceServers, handlers) => new BrowserPeer(iceServers, handlers),
  createPlayer: () => new BrowserAudioPlayer(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => { clearTimeout(timer); };
  },
  now: () => Date.now(),
  createMeter: (stream) => openLevelMeter(stream),
  // Only an explicit no counts; where it is not known the network is tried.
  isOnline: () => (globalThis.navigator as Navigator | undefined)?.onLine !== false,
  chance: () => Math.random(),
  uuid: () => uuid(),
  onNetwork(listener) {
    const online = (): void => { listener(true); };
    const offline = (): void => { listener(false); };
    const stopListening = [listen(globalThis, 'online', online), listen(globalThis, 'offline', offline)];
    // Its `change` also tells every new estimate of the speed; only another kind of network is another network.
    const connection = (globalThis.navigator as { connection?: EventTarget & { type?: string } } | undefined)?.connection;
    let type = connection?.type;
    const changed = (): void => {
      const before = type;
      type = connection?.type;
      if (type !== before && type !== 'none') online();
    };
    stopListening.push(listen(connection, 'change', changed));
    return () => { for (const stop of stopListening) stop(); };
  },
  onResumed(listener) {
    const page = globalThis.document as Document | undefined;
    const visible = (): void => {
      if (page?.visibilityState === 'visible') listener();
    };
    const stopListening = [listen(page, 'visibilitychange', visible), listen(page, 'resume', listener), listen(globalThis, 'pageshow', listener)];
    return () => { for (const stop of stopListening) stop(); };
  },
  onPageLeft(listener) {
    globalThis.addEventListener?.('pagehide', listener);
    return () => { globalThis.removeEventListener?.('pagehide', listener); };
  },
};

/** Listens where there is something to listen to; the result ends it. */
function listen(target: Partial<EventTarget> | undefined, event: string, listener: () => void): () => void {
  target?.addEventListener?.(event, listener);
  return () => { target?.removeEventListener?.(event, listener); };
}

/** `crypto.randomUUID` exists on secure pages only. */
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, at) => {
    const marked = at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte;
    return marked.toString(16).padStart(2, '0');
  }).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
