// The spotlight: an ordered set of people whom everybody is shown. Who is in it at the join is told as an event after the roster, because
// applications do not read it first. A change that only moves people up is told with two empty lists, so that places are read again.
import type { CommunicationIdentifier } from '@azure/communication-common';

import { CallingError } from '../core/errors';
import type { MeetingMirror } from '../core/mirror';
import { identifierOf, rawIdOf } from '../core/roles';
import type { SpotlightCallFeature, SpotlightChangedListener, SpotlightedParticipant } from '../public/types/features-meeting';
import type { CallContext } from '../session/context';
import { Feature } from './feature';

/** What servers allow that have not said anything yet. */
const USUAL_LIMIT = 7;

/** Puts people into the spotlight and tells who is in it. */
export class Spotlight extends Feature<{ spotlightChanged: SpotlightChangedListener }> implements SpotlightCallFeature {
  readonly name = 'Spotlight';

  constructor(context: CallContext) {
    super(context);
    this.follow('mirrored', (previous, next) => {
      this.compare(previous, next);
    });
  }

  get maxParticipantsToSpotlight(): number {
    return this.context.mirror.meeting?.maxSpotlight ?? USUAL_LIMIT;
  }

  /** Without names, the own person. */
  async startSpotlight(participants: CommunicationIdentifier[] = []): Promise<void> {
    try {
      await this.context.request({ type: 'startSpotlight', participants: participants.map(rawIdOf) });
    } catch (error) {
      throw this.withLimit(error);
    }
  }

  /** Without names, the own person. */
  async stopSpotlight(participants: CommunicationIdentifier[] = []): Promise<void> {
    await this.context.request({ type: 'stopSpotlight', participants: participants.map(rawIdOf) });
  }

  async stopAllSpotlight(): Promise<void> {
    await this.context.request({ type: 'stopAllSpotlight' });
  }

  getSpotlightedParticipants(): SpotlightedParticipant[] {
    return [...placesOf(this.context.mirror)].map(spotlighted);
  }

  /** Applications look for this sentence. */
  private withLimit(error: unknown): unknown {
    if (!(error instanceof CallingError) || error.reason !== 'spotlightFull') return error;
    const message = `startSpotlight failed. ${String(this.maxParticipantsToSpotlight)} is the max number of participants that can be Spotlighted`;
    return new CallingError({
      code: error.code,
      subCode: error.subCode,
      name: error.reason,
      message,
      cause: error.message,
      ...(error.fixableBy === undefined ? {} : { fixableBy: error.fixableBy }),
    });
  }

  private compare(previous: MeetingMirror, next: MeetingMirror): void {
    if (previous.participants === next.participants) return;
    const before = placesOf(previous);
    const after = placesOf(next);
    const added = [...after].filter(([id]) => !before.has(id)).map(spotlighted);
    const removed = [...before].filter(([id]) => !after.has(id)).map(spotlighted);
    const moved = [...after].some(([id, place]) => before.get(id) !== place);
    if (moved || removed.length > 0) this.emit('spotlightChanged', { added, removed });
  }
}

/** Raw ids with their places, first place first. */
function placesOf(mirror: MeetingMirror): ReadonlyMap<string, number> {
  const places: [string, number][] = [];
  for (const { id, spotlight } of mirror.participants.values()) if (spotlight !== null) places.push([id, spotlight]);
  return new Map(places.sort((a, b) => a[1] - b[1]));
}

function spotlighted([id, order]: readonly [string, number]): SpotlightedParticipant {
  return { identifier: identifierOf(id), order };
}
