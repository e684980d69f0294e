// Dominant speakers, as the server ranks them and with the server's time. The own person is not listed: applications look everybody up in
// `remoteParticipants`.
import type { MeetingMirror } from '../core/mirror';
import { identifierOf } from '../core/roles';
import type { DominantSpeakersCallFeature, DominantSpeakersInfo } from '../public/types/features-meeting';
import type { CallContext } from '../session/context';
import { Feature } from './feature';

/** Who speaks most. */
export class DominantSpeakers extends Feature<{ dominantSpeakersChanged: () => void }> implements DominantSpeakersCallFeature {
  readonly name = 'DominantSpeakers';
  private changedAt: Date;

  constructor(context: CallContext) {
    super(context);
    this.changedAt = toldAt(context.mirror);
    this.follow('mirrored', (previous, next) => {
      const before = ranking(previous);
      const after = ranking(next);
      if (before.length === after.length && before.every((id, at) => id === after[at])) return;
      this.changedAt = toldAt(next);
      this.emit('dominantSpeakersChanged');
    });
  }

  get dominantSpeakers(): DominantSpeakersInfo {
    return { speakersList: ranking(this.context.mirror).map(identifierOf), timestamp: new Date(this.changedAt) };
  }
}

function ranking({ dominant, own }: MeetingMirror): readonly string[] {
  return dominant.filter((id) => id !== own?.id);
}

/** Servers that do not tell the time are taken to have told at once. */
function toldAt({ dominantSince }: MeetingMirror): Date {
  const told = dominantSince === undefined ? Number.NaN : Date.parse(dominantSince);
  return Number.isNaN(told) ? new Date() : new Date(told);
}
