// Recording: inert, the server does not record yet.
import type { RecordingCallFeature, RecordingInfo } from '../public/types/features-media';
import { Feature } from './feature';

type Events = { isRecordingActiveChanged: () => void; recordingsUpdated: (args: { added: RecordingInfo[]; removed: RecordingInfo[] }) => void };

/** No recording is ever active. */
export class Recording extends Feature<Events> implements RecordingCallFeature {
  readonly name = 'Recording';
  readonly isRecordingActive = false;
  readonly isTeamsConsentRequired = false;

  get recordings(): RecordingInfo[] {
    return [];
  }

  grantTeamsConsent(): Promise<void> {
    return Promise.resolve();
  }
}
