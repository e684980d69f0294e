// Reactions: inert, the wire does not carry them yet.
import type { ReactionCallFeature, ReactionListener, ReactionMessage } from '../public/types/features-meeting';
import { Feature } from './feature';

/** Reactions that cannot be sent. */
export class Reactions extends Feature<{ reaction: ReactionListener }> implements ReactionCallFeature {
  readonly name = 'Reaction';

  sendReaction(_message: ReactionMessage): Promise<void> {
    return this.refuse();
  }
}
