// Raised hands. Hands that are up at the join are told as events after the roster, because applications do not read them first.
import type { MeetingMirror } from '../core/mirror';
import { identifierOf, rawIdOf } from '../core/roles';
import type { LoweredHandListener, RaiseHandCallFeature, RaisedHand, RaisedHandListener } from '../public/types/features-meeting';
import type { CommunicationIdentifier } from '@azure/communication-common';
import type { CallContext } from '../session/context';
import { Feature } from './feature';

type Events = { raisedHandEvent: RaisedHandListener; loweredHandEvent: LoweredHandListener };

/** Raises and lowers hands and tells who did. */
export class RaiseHand extends Feature<Events> implements RaiseHandCallFeature {
  readonly name = 'RaiseHand';

  constructor(context: CallContext) {
    super(context);
    this.follow('mirrored', (previous, next) => {
      this.compare(previous, next);
    });
  }

  getRaisedHands(): RaisedHand[] {
    return handsOf(this.context.mirror).map(([id, order]) => ({ identifier: identifierOf(id), order }));
  }

  async raiseHand(): Promise<void> {
    await this.context.request({ type: 'raiseHand' });
  }

  async lowerHand(): Promise<void> {
    await this.context.request({ type: 'lowerHands', participants: [] });
  }

  async lowerHands(participants: CommunicationIdentifier[]): Promise<void> {
    // On the wire an empty list means the own hand.
    if (participants.length === 0) return;
    await this.context.request({ type: 'lowerHands', participants: participants.map(rawIdOf) });
  }

  async lowerAllHands(): Promise<void> {
    await this.context.request({ type: 'lowerAllHands' });
  }

  private compare(previous: MeetingMirror, next: MeetingMirror): void {
    if (previous.participants === next.participants) return;
    for (const [id, participant] of previous.participants) {
      if (participant.hand !== null && (next.participants.get(id)?.hand ?? null) === null) {
        this.emit('loweredHandEvent', { identifier: identifierOf(id) });
      }
    }
    for (const [id] of handsOf(next)) {
      if ((previous.participants.get(id)?.hand ?? null) === null) this.emit('raisedHandEvent', { identifier: identifierOf(id) });
    }
  }
}

function handsOf(mirror: MeetingMirror): [string, number][] {
  const hands: [string, number][] = [];
  for (const { id, hand } of mirror.participants.values()) if (hand !== null) hands.push([id, hand]);
  return hands.sort((a, b) => a[1] - b[1]);
}
