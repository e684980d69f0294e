// The own microphone in one call: muted or not, and from which device.
//
// Invariants: while muted no audio packet is sent; the microphone is opened when first unmuted and stays open until the call ends, so
// that unmuting is instant; a microphone that cannot be opened leaves the person muted and says so. A microphone that ends by itself
// (unplugged) gives way to the default one; when there is none, the person stays as muted or unmuted as they were, and the next one that
// is selected (device-manager.ts prefers the one that was chosen) goes on. A call that takes the place of another one (a breakout room, a
// transfer) has the same stream, with its effects; one that the SDK made is closed by the last call that uses it.
import type { Platform } from '../adapters/platform';
import { Emitter } from '../core/emitter';
import { CallingError } from '../core/errors';
import type { AudioDeviceInfo } from '../public/types/devices';
import type { MediaDiagnosticChangedEventArgs } from '../public/types/features-media';
import { LOCAL_AUDIO, LocalAudioStream } from '../public/local-audio-stream';
import type { MediaPath } from './media-path';
import type { Publications } from './publications';

interface MicrophoneEvents {
  mutedChanged: () => void;
  /** Another stream took the place of the one before. */
  replaced: (change: { added: LocalAudioStream[]; removed: LocalAudioStream[] }) => void;
  diagnostic: (change: MediaDiagnosticChangedEventArgs) => void;
}

/** How many calls use a stream that the SDK made. */
const users = new WeakMap<LocalAudioStream, number>();

const DEFAULT_MICROPHONE: AudioDeviceInfo = { id: '', name: '', isSystemDefault: true, deviceType: 'Microphone' };

/** The microphone of one call. */
export class LocalMicrophone extends Emitter<MicrophoneEvents> {
  private muted: boolean;
  private stream: LocalAudioStream;
  private own: boolean;
  private open = false;
  private over = false;
  private lost = false;

  constructor(
    private readonly platform: Platform,
    private readonly path: MediaPath,
    private readonly publications: Publications,
    options: {
      muted: boolean;
      stream: LocalAudioStream | undefined;
      device: AudioDeviceInfo | undefined;
      /** The microphone of the call whose place this one takes. */
      shared?: LocalMicrophone | undefined;
    },
  ) {
    super();
    this.muted = options.muted;
    const { shared } = options;
    this.own = shared ? shared.own : options.stream === undefined;
    this.stream = shared?.stream ?? options.stream ?? new LocalAudioStream(options.device ?? DEFAULT_MICROPHONE);
    this.lost = shared?.lost ?? false;
    if (this.own) users.set(this.stream, (users.get(this.stream) ?? 0) + 1);
    this.follow();
  }

  get isMuted(): boolean {
    return this.muted;
  }

  /** The open microphone, nothing while it is closed. */
  get openStream(): MediaStream | undefined {
    return this.open ? this.stream[LOCAL_AUDIO].current : undefined;
  }

  get streams(): LocalAudioStream[] {
    return [this.stream];
  }

  /** Begins as the options said. */
  async begin(): Promise<void> {
    await this.publications.set('microphone', !this.muted);
    if (this.muted) return;
    await this.unmute().catch(() => undefined);
  }

  async mute(): Promise<void> {
    this.set(true);
    await this.path.send('microphone', null);
    await this.publications.set('microphone', false);
  }

  async unmute(): Promise<void> {
    this.set(false);
    try {
      await this.publishTrack();
      // The server's word comes last: it may refuse.
      if (!this.isMuted) await this.publications.set('microphone', true);
    } catch (error) {
      await this.path.send('microphone', null);
      if (!(error instanceof CallingError) || error.reason.startsWith('microphone')) {
        const denied = error instanceof CallingError && error.reason === 'microphoneDenied';
        this.tell(denied ? 'microphonePermissionDenied' : 'microphoneNotFunctioning', true);
        await this.publications.set('microphone', false);
      }
      this.set(true);
      throw error;
    }
  }

  /** Somebody else muted, or the server does not permit the microphone. */
  async forceMute(): Promise<void> {
    this.publications.accept('microphone', false);
    this.set(true);
    await this.path.send('microphone', null);
  }

  /** Uses another device. */
  async select(device: AudioDeviceInfo): Promise<void> {
    if (!this.own || (device.id === this.stream.source.id && !this.lost)) return;
    await this.stream.switchSource(device);
  }

  /** Uses a stream of the application. */
  async use(stream: LocalAudioStream): Promise<void> {
    if (stream[LOCAL_AUDIO] === this.stream[LOCAL_AUDIO]) return;
    const previous = this.stream;
    this.release();
    if (this.own) letGo(previous);
    this.own = false;
    this.stream = stream;
    this.follow();
    this.emit('replaced', { added: [stream], removed: [previous] });
    if (!this.muted) await this.publishTrack();
  }

  /** Ends all use. */
  close(): void {
    this.over = true;
    this.release();
    if (this.own) letGo(this.stream);
    this.clearListeners();
  }

  private follow(): void {
    const capture = this.stream[LOCAL_AUDIO];
    capture.on('streamChanged', this.onStream);
    capture.on('ended', this.onEnded);
  }

  private release(): void {
    const capture = this.stream[LOCAL_AUDIO];
    capture.off('streamChanged', this.onStream);
    capture.off('ended', this.onEnded);
    if (this.open) capture.release();
    this.open = false;
  }

  private readonly onStream = (): void => {
    this.lost = false;
    this.tell('microphoneNotFunctioning', false);
    if (!this.muted && this.open) void this.publishTrack().catch(() => undefined);
  };

  private readonly onEnded = (): void => {
    if (this.over) return;
    if (!this.muted) this.tell('microphoneNotFunctioning', true);
    this.lost = true;
    // The application's own stream is the application's to mend.
    if (this.own) void this.stream.switchSource(DEFAULT_MICROPHONE).catch(() => this.path.send('microphone', null)).catch(() => undefined);
    else if (!this.muted) void this.mute().catch(() => undefined);
  };

  private async publishTrack(): Promise<void> {
    const capture = this.stream[LOCAL_AUDIO];
    if (this.open && !capture.current) {
      // It ended and no other could be opened then; perhaps there is one now.
      this.open = false;
      capture.release();
    }
    if (!this.open) {
      await capture.acquire();
      if (this.over) {
        capture.release();
        return;
      }
      this.open = true;
      this.lost = false;
      this.tell('microphonePermissionDenied', false);
      this.tell('microphoneNotFunctioning', false);
    }
    const track = capture.current?.getAudioTracks()[0];
    if (track && !this.muted) await this.path.send('microphone', track);
  }

  private set(muted: boolean): void {
    if (this.muted === muted) return;
    this.muted = muted;
    this.emit('mutedChanged');
  }

  private readonly raised = new Set<string>();

  private tell(diagnostic: MediaDiagnosticChangedEventArgs['diagnostic'], value: boolean): void {
    // A flag that was never raised is not lowered; applications show every change.
    if (!value && !this.raised.delete(diagnostic)) return;
    if (value) this.raised.add(diagnostic);
    this.platform.after(0, () => {
      this.emit('diagnostic', { diagnostic, value, valueType: 'DiagnosticFlag' });
    });
  }
}

/** One call uses it no more; the last one closes it. */
function letGo(stream: LocalAudioStream): void {
  const left = (users.get(stream) ?? 1) - 1;
  users.set(stream, left);
  if (left === 0) stream.dispose();
}
