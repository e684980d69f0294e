// Spotlight: inert, the wire does not carry it yet.
import type { SpotlightCallFeature, SpotlightChangedListener, SpotlightedParticipant } from '../public/types/features-meeting';
import { Feature } from './feature';

/** Nobody is ever in the spotlight. */
export class Spotlight extends Feature<{ spotlightChanged: SpotlightChangedListener }> implements SpotlightCallFeature {
  readonly name = 'Spotlight';
  readonly maxParticipantsToSpotlight = 7;

  startSpotlight(): Promise<void> {
    return this.refuse();
  }

  stopSpotlight(): Promise<void> {
    return Promise.resolve();
  }

  stopAllSpotlight(): Promise<void> {
    return Promise.resolve();
  }

  getSpotlightedParticipants(): SpotlightedParticipant[] {
    return [];
  }
}
