// The media of one call, put together: path, publications, microphone, camera and screen.
//
// Owns: what happens to each of them when the person enters, waits, loses the connection or leaves. Invariant: a mute by somebody else
// is obeyed at once and never undone by a resynchronisation.
import type { Platform, ReceiveSlot } from '../adapters/platform';
import type { LocalAudioStream } from '../public/local-audio-stream';
import type { AudioDeviceInfo } from '../public/types/devices';
import type { MediaDiagnosticChangedEventArgs } from '../public/types/features-media';
import type { IceServer, PublicationState, Reply, RequestBody, SelfState } from '../wire';
import { LocalMicrophone } from './local-microphone';
import { LocalVideos } from './local-videos';
import { MediaPath } from './media-path';
import { Publications } from './publications';

/** How the microphone begins. */
export interface MicrophoneOptions {
  readonly muted: boolean;
  readonly stream: LocalAudioStream | undefined;
  readonly device: AudioDeviceInfo | undefined;
  /** The microphone of the call whose place this one takes: it uses the same stream. */
  readonly shared?: LocalMicrophone | undefined;
}

/** What the media of a call tell and need. */
export interface CallMediaHost {
  request(body: RequestBody): Promise<Reply>;
  slots(video: readonly ReceiveSlot[]): void;
  flowing(flows: boolean): void;
  relays(reachable: boolean): void;
  diagnostic(change: MediaDiagnosticChangedEventArgs): void;
}

/** The media of one call. */
export class CallMedia {
  private incomingMuted = false;

  constructor(
    readonly path: MediaPath,
    readonly publications: Publications,
    readonly microphone: LocalMicrophone,
    readonly videos: LocalVideos,
  ) {}

  get isIncomingMuted(): boolean {
    return this.incomingMuted;
  }

  /** Silences or plays the call. */
  setIncomingMuted(muted: boolean): void {
    this.incomingMuted = muted;
    this.path.setIncomingMuted(muted);
  }

  /** A snapshot came. */
  enter(iceServers: readonly IceServer[], own: SelfState, known: readonly PublicationState[]): void {
    if (own.muted && own.mutedByOther && !this.microphone.isMuted) void this.microphone.forceMute().catch(() => undefined);
    this.publications.enter(known, own.muted);
    this.path.enter(iceServers);
  }

  /** Signalling is down. */
  offline(): void {
    this.publications.leave();
    this.path.offline();
  }

  /** The person waits. */
  leave(): void {
    this.publications.leave();
    this.path.leave();
  }

  /** The call is over. */
  close(): void {
    this.publications.leave();
    this.microphone.close();
    this.videos.close();
    this.path.close();
  }
}

/** Makes the media of a call. */
export function createCallMedia(platform: Platform, microphone: MicrophoneOptions, host: CallMediaHost): CallMedia {
  const path = new MediaPath(platform, host);
  const publications = new Publications(host.request, (kind) => {
    if (kind === 'microphone') void mic.forceMute().catch(() => undefined);
    // Who may not be heard may still share: the picture goes on without its sound.
    else if (kind === 'screenAudio') void path.send('screenAudio', null).catch(() => undefined);
    else videos.refused(kind === 'camera' ? 'camera' : 'screen');
  });
  const mic = new LocalMicrophone(platform, path, publications, microphone);
  const videos = new LocalVideos(() => platform.now(), path, publications);
  mic.on('diagnostic', host.diagnostic);
  videos.on('diagnostic', host.diagnostic);
  return new CallMedia(path, publications, mic, videos);
}
