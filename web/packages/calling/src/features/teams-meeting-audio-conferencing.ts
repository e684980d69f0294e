// Dial-in: inert. It must answer, because applications ask without catching.
import type { TeamsMeetingAudioConferencingCallFeature, TeamsMeetingAudioConferencingDetails } from '../public/types/features-media';
import { Feature } from './feature';

/** No numbers to dial. */
export class AudioConferencing extends Feature<Record<never, () => void>> implements TeamsMeetingAudioConferencingCallFeature {
  readonly name = 'TeamsMeetingAudioConferencing';

  getTeamsMeetingAudioConferencingDetails(): Promise<TeamsMeetingAudioConferencingDetails> {
    return Promise.resolve({ phoneConferenceId: '', phoneNumbers: [] });
  }
}
