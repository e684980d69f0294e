// Dominant speakers, as the server ranks them.
import { identifierOf } from '../core/roles';
import type { DominantSpeakersCallFeature, DominantSpeakersInfo } from '../public/types/features-meeting';
import type { CallContext } from '../session/context';
import { Feature } from './feature';

/** Who speaks most. */
export class DominantSpeakers extends Feature<{ dominantSpeakersChanged: () => void }> implements DominantSpeakersCallFeature {
  readonly name = 'DominantSpeakers';
  private changedAt = new Date();

  constructor(context: CallContext) {
    super(context);
    this.follow('mirrored', (previous, next) => {
      const same = previous.dominant.length === next.dominant.length && previous.dominant.every((id, at) => id === next.dominant[at]);
      if (same) return;
      this.changedAt = new Date();
      this.emit('dominantSpeakersChanged');
    });
  }

  get dominantSpeakers(): DominantSpeakersInfo {
    return { speakersList: this.context.mirror.dominant.map(identifierOf), timestamp: new Date(this.changedAt) };
  }
}
