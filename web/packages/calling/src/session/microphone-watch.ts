// Listens to the own microphone while it is open: somebody who speaks while muted, a microphone that gives digital silence, one that the
// operating system muted.
//
// Looks twice a second. Speaking while muted: louder than -34 dB in three of four looks; over after five seconds without. Not working:
// not one sample other than zero for fifteen seconds while unmuted (rooms are never that silent). Muted from outside: the track says so
// in two looks while the person is unmuted. Invariants: nothing is claimed that the browser does not let the SDK measure; the meter is
// closed with the microphone or the call. Tests: test/diagnostics.test.ts.
import type { LevelMeter, Platform } from '../adapters/platform';
import type { MediaDiagnosticType } from '../public/types/features-media';

const EVERY_MS = 500;
const SPEECH = 0.02;
const QUIET_AFTER_MS = 5_000;
const SILENT_AFTER_MS = 15_000;
const MUTED_LOOKS = 2;

/** What is watched. */
export interface WatchedMicrophone {
  readonly isMuted: boolean;
  /** The open microphone, nothing while it is closed. */
  readonly openStream: MediaStream | undefined;
}

/** Watches the microphone of one call. */
export class MicrophoneWatch {
  private stream: MediaStream | undefined;
  private meter: LevelMeter | undefined;
  private looks: boolean[] = [];
  private spokeAt = 0;
  private heardAt = 0;
  private mutedLooks = 0;
  private running = false;
  private cancel: () => void = () => undefined;

  constructor(
    private readonly platform: Platform,
    private readonly microphone: WatchedMicrophone,
    private readonly tell: (diagnostic: MediaDiagnosticType, value: boolean) => void,
  ) {}

  /** Begins to look. */
  start(): void {
    if (this.running) return;
    this.running = true;
    this.next();
  }

  /** Ends looking. */
  stop(): void {
    this.running = false;
    this.cancel();
    this.use(undefined);
  }

  private next(): void {
    this.cancel = this.platform.after(EVERY_MS, () => {
      this.look(this.platform.now());
      if (this.running) this.next();
    });
  }

  private look(now: number): void {
    const { openStream, isMuted } = this.microphone;
    if (openStream !== this.stream) this.use(openStream);
    const level = this.meter?.level();
    this.speaking(now, isMuted && level !== undefined && level >= SPEECH, isMuted);
    const track = this.stream?.getAudioTracks()[0];
    const live = !isMuted && track?.readyState === 'live';
    this.mutedLooks = live && track.muted ? this.mutedLooks + 1 : 0;
    if (this.mutedLooks >= MUTED_LOOKS) this.tell('microphoneMuteUnexpectedly', true);
    else if (this.mutedLooks === 0) this.tell('microphoneMuteUnexpectedly', false);
    this.silence(now, live && !track.muted ? level : undefined);
  }

  private speaking(now: number, speaks: boolean, isMuted: boolean): void {
    this.looks = [...this.looks.slice(-3), speaks];
    if (speaks) this.spokeAt = now;
    if (this.looks.filter(Boolean).length >= 3) this.tell('speakingWhileMicrophoneIsMuted', true);
    else if (!isMuted || now - this.spokeAt >= QUIET_AFTER_MS) this.tell('speakingWhileMicrophoneIsMuted', false);
  }

  private silence(now: number, level: number | undefined): void {
    if (level === 0) {
      if (now - this.heardAt >= SILENT_AFTER_MS) this.tell('microphoneNotFunctioning', true);
      return;
    }
    // While nothing can be measured nothing changes, but the time begins anew.
    this.heardAt = now;
    if (level !== undefined) this.tell('microphoneNotFunctioning', false);
  }

  private use(stream: MediaStream | undefined): void {
    this.meter?.close();
    this.stream = stream;
    this.meter = stream && this.platform.createMeter(stream);
    this.heardAt = this.platform.now();
    this.looks = [];
  }
}
