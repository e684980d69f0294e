// Recording: whether the meeting is being recorded, and the own consent. Applications read the state and listen; who records is decided by those
// who run the meeting. Invariant: one object per recording as long as it lasts; what ended says so before it is taken off the list.
// Tests: test/recording.test.ts.
import { Emitter } from '../core/emitter';
import type { MeetingMirror } from '../core/mirror';
import { RecordingState } from '../public/enums';
import type { RecordingCallFeature, RecordingInfo } from '../public/types/features-media';
import type { CallContext } from '../session/context';
import { Feature } from './feature';

type Events = { isRecordingActiveChanged: () => void; recordingsUpdated: (args: { added: RecordingInfo[]; removed: RecordingInfo[] }) => void };

class OneRecording extends Emitter<{ recordingStateChanged: () => void }> implements RecordingInfo {
  private current = RecordingState.Started;

  get state(): RecordingState {
    return this.current;
  }

  end(): void {
    this.current = RecordingState.Ended;
    this.emit('recordingStateChanged');
  }
}

/** Recordings of a call. */
export class Recording extends Feature<Events> implements RecordingCallFeature {
  readonly name = 'Recording';
  private readonly known = new Map<string, OneRecording>();

  constructor(context: CallContext) {
    super(context);
    for (const { id } of runningIn(context.mirror)) this.known.set(id, new OneRecording());
    this.follow('mirrored', (_, next) => {
      this.compare(next);
    });
  }

  get isRecordingActive(): boolean {
    return this.known.size > 0;
  }

  get recordings(): RecordingInfo[] {
    return [...this.known.values()];
  }

  /** Until consent is given nothing that is sent reaches anybody. */
  get isTeamsConsentRequired(): boolean {
    return this.context.mirror.own?.recordingConsentRequired ?? false;
  }

  /** Agrees to the recording. Microphone and camera stay off until they are turned on. */
  async grantTeamsConsent(): Promise<void> {
    await this.context.request({ type: 'grantConsent', recording: true, transcription: false });
  }

  private compare(next: MeetingMirror): void {
    const running = new Set(runningIn(next).map(({ id }) => id));
    const was = this.isRecordingActive;
    const removed: OneRecording[] = [];
    for (const [id, recording] of this.known) {
      if (running.has(id)) continue;
      this.known.delete(id);
      removed.push(recording);
    }
    const added: OneRecording[] = [];
    for (const id of running) {
      if (this.known.has(id)) continue;
      const recording = new OneRecording();
      this.known.set(id, recording);
      added.push(recording);
    }
    for (const recording of removed) recording.end();
    if (added.length + removed.length > 0) this.emit('recordingsUpdated', { added, removed });
    if (was !== this.isRecordingActive) this.emit('isRecordingActiveChanged');
  }
}

function runningIn({ phase, meeting }: MeetingMirror) {
  return phase === 'in' ? (meeting?.recordings ?? []) : [];
}
