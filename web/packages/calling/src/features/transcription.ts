// Transcription: inert, the server does not transcribe yet.
import type { TranscriptionCallFeature } from '../public/types/features-media';
import { Feature } from './feature';

/** No transcription is ever active. */
export class Transcription extends Feature<{ isTranscriptionActiveChanged: () => void }> implements TranscriptionCallFeature {
  readonly name = 'Transcription';
  readonly isTranscriptionActive = false;
  readonly isTeamsConsentRequired = false;

  grantTeamsConsent(): Promise<void> {
    return Promise.resolve();
  }
}
