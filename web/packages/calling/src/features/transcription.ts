// Transcription: whether what is said is being written down, and the own consent. Tests: test/recording.test.ts.
import type { MeetingMirror } from '../core/mirror';
import type { TranscriptionCallFeature } from '../public/types/features-media';
import type { CallContext } from '../session/context';
import { Feature } from './feature';

/** The transcription of a call. */
export class Transcription extends Feature<{ isTranscriptionActiveChanged: () => void }> implements TranscriptionCallFeature {
  readonly name = 'Transcription';

  constructor(context: CallContext) {
    super(context);
    this.follow('mirrored', (previous, next) => {
      if (runsIn(previous) !== runsIn(next)) this.emit('isTranscriptionActiveChanged');
    });
  }

  get isTranscriptionActive(): boolean {
    return runsIn(this.context.mirror);
  }

  /** Until consent is given nothing that is sent reaches anybody. */
  get isTeamsConsentRequired(): boolean {
    return this.context.mirror.own?.transcriptionConsentRequired ?? false;
  }

  /** Agrees to the transcription. Microphone and camera stay off until they are turned on. */
  async grantTeamsConsent(): Promise<void> {
    await this.context.request({ type: 'grantConsent', recording: false, transcription: true });
  }
}

function runsIn({ phase, meeting }: MeetingMirror): boolean {
  return phase === 'in' && (meeting?.transcribing ?? false);
}
