// A microphone with the browser's own processing of speech, which can be switched while it is open.
//
// Invariant: `processing` says what is true of the open track as far as the browser tells, and otherwise what will be asked for.
import type { AudioDeviceInfo } from '../public/types/devices';
import { Capture } from './capture';
import type { SpeechProcessing } from './media-devices';
import { openMicrophone } from './media-devices';

const DEFAULTS: SpeechProcessing = { echoCancellation: true, noiseSuppression: true };

/** The capture of a local audio stream. */
export class MicrophoneCapture extends Capture<AudioDeviceInfo> {
  private readonly wished: { current: SpeechProcessing };

  constructor(device: AudioDeviceInfo, given?: MediaStream) {
    const wished = { current: DEFAULTS };
    super(device, (chosen) => openMicrophone(chosen, wished.current), given);
    this.wished = wished;
  }

  /** What the browser does to the sound. */
  get processing(): SpeechProcessing {
    const told = this.source?.getAudioTracks()[0]?.getSettings() ?? {};
    // The application's own stream has what it was opened with; a stream of no microphone has nothing.
    const otherwise = this.isGiven ? { echoCancellation: false, noiseSuppression: false } : this.wished.current;
    return {
      echoCancellation: flag(told.echoCancellation, otherwise.echoCancellation),
      noiseSuppression: flag(told.noiseSuppression, otherwise.noiseSuppression),
    };
  }

  /** Switches the browser's processing. Answers whether it is so now; a stream of the application may not follow. */
  async process(change: Partial<SpeechProcessing>): Promise<boolean> {
    this.wished.current = { ...this.wished.current, ...change };
    const track = this.source?.getAudioTracks()[0];
    if (!track || this.follows(change)) return true;
    // Some browsers change an open microphone, some only a newly opened one.
    await track.applyConstraints({ ...track.getConstraints(), ...change }).catch(() => undefined);
    if (!this.follows(change)) await this.reopen();
    return this.follows(change);
  }

  private follows(change: Partial<SpeechProcessing>): boolean {
    const { echoCancellation, noiseSuppression } = this.processing;
    return (change.echoCancellation ?? echoCancellation) === echoCancellation && (change.noiseSuppression ?? noiseSuppression) === noiseSuppression;
  }
}

/** Newer browsers tell the way of the echo cancellation by name. */
function flag(told: unknown, otherwise: boolean): boolean {
  if (typeof told === 'boolean') return told;
  return typeof told === 'string' ? told !== 'none' : otherwise;
}
