// Reactions: said by the server to everybody inside, the own ones included, and kept by nobody.
// Invariant: `identifier` is the raw id as a string, because applications compare it with raw ids and use it as a key.
import { failure } from '../core/errors';
import type { Said } from '../core/mirror';
import type { Reaction, ReactionCallFeature, ReactionListener, ReactionMessage } from '../public/types/features-meeting';
import type { CallContext } from '../session/context';
import { Feature } from './feature';

const REACTIONS: ReadonlySet<string> = new Set<Reaction>(['like', 'heart', 'laugh', 'surprised', 'applause']);

/** Sends reactions and tells who reacts. */
export class Reactions extends Feature<{ reaction: ReactionListener }> implements ReactionCallFeature {
  readonly name = 'Reaction';

  constructor(context: CallContext) {
    super(context);
    this.follow('said', (event) => {
      this.hear(event);
    });
  }

  async sendReaction(message: ReactionMessage): Promise<void> {
    if (!REACTIONS.has(message.reactionType)) throw failure('unknownReaction', message.reactionType);
    await this.context.request({ type: 'react', reaction: message.reactionType });
  }

  private hear(event: Said): void {
    if (event.type !== 'reaction') return;
    this.emit('reaction', { identifier: event.participant, reactionMessage: { reactionType: event.reaction } });
  }
}
