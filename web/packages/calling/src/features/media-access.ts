// Media access: inert, everybody is permitted; the server's capabilities say what the own person may send.
import { identifierOf } from '../core/roles';
import type {
  MediaAccess,
  MediaAccessCallFeature,
  MediaAccessChangedListener,
  MeetingMediaAccess,
  MeetingMediaAccessChangedListener,
} from '../public/types/features-meeting';
import { Feature } from './feature';

type Events = { mediaAccessChanged: MediaAccessChangedListener; meetingMediaAccessChanged: MeetingMediaAccessChangedListener };

/** Everybody may use microphone and camera. */
export class MediaAccessOfCall extends Feature<Events> implements MediaAccessCallFeature {
  readonly name = 'MediaAccess';

  permitAudio(): Promise<void> {
    return Promise.resolve();
  }

  forbidAudio(): Promise<void> {
    return this.refuse();
  }

  permitVideo(): Promise<void> {
    return Promise.resolve();
  }

  forbidVideo(): Promise<void> {
    return this.refuse();
  }

  permitOthersAudio(): Promise<void> {
    return Promise.resolve();
  }

  forbidOthersAudio(): Promise<void> {
    return this.refuse();
  }

  permitOthersVideo(): Promise<void> {
    return Promise.resolve();
  }

  forbidOthersVideo(): Promise<void> {
    return this.refuse();
  }

  getAllOthersMediaAccess(): MediaAccess[] {
    const { own, participants } = this.context.mirror;
    return [...participants.keys()]
      .filter((id) => id !== own?.id)
      .map((id) => ({ participant: identifierOf(id), isAudioPermitted: true, isVideoPermitted: true }));
  }

  getMeetingMediaAccess(): MeetingMediaAccess {
    return { isAudioPermitted: true, isVideoPermitted: true };
  }
}
