// The people of a call as objects that last: whoever waits or is in, except the own person.
//
// Owns: the participants' objects. Invariants: one object per raw id while the person is there; nobody is added twice; a person
// who is admitted keeps the object. Tests: test/call.test.ts.
import { endReasonFromRefusal } from '../core/errors';
import type { MeetingMirror } from '../core/mirror';
import type { CallEndReason } from '../public/types/common';
import type { ParticipantHost } from './remote-participant';
import { RemotePerson } from './remote-participant';
import type { Arrival } from './video-subscriptions';

/** Who came and went. */
export interface RosterChange {
  readonly added: RemotePerson[];
  readonly removed: RemotePerson[];
}

/** What became of one step. */
export interface RosterStep {
  readonly people: RosterChange;
  readonly waiting: RosterChange;
}

/** The people of one call. */
export class Roster {
  private readonly people = new Map<string, RemotePerson>();
  private waitingIds = new Set<string>();
  /** Asked for by `addParticipant`; the server has not said yet that they are called. */
  private readonly invited = new Map<string, RemotePerson>();

  constructor(private readonly host: ParticipantHost) {}

  /** Everybody. */
  all(): RemotePerson[] {
    return [...this.people.values()];
  }

  /** Those in the lobby. */
  waiting(): RemotePerson[] {
    return [...this.waitingIds].flatMap((id) => this.people.get(id) ?? []);
  }

  /** Somebody. */
  get(rawId: string): RemotePerson | undefined {
    return this.people.get(rawId);
  }

  /** Somebody who is about to be called. */
  pending(rawId: string): RemotePerson | undefined {
    return this.invited.get(rawId);
  }

  /** Somebody who is to be called; announced when the server calls them. */
  invite(rawId: string): RemotePerson {
    const person = new RemotePerson(rawId, this.host);
    person.connect();
    this.invited.set(rawId, person);
    return person;
  }

  /** Somebody who cannot be called. */
  uninvite(rawId: string, reason: CallEndReason): void {
    const person = this.invited.get(rawId);
    this.invited.delete(rawId);
    person?.leave(reason);
  }

  /** Follows the mirror. Newcomers are complete before they are announced; those who go are told so before they are. */
  sync(previous: MeetingMirror, next: MeetingMirror): RosterStep {
    const people: RosterChange = { added: [], removed: [] };
    const waiting: RosterChange = { added: [], removed: [] };
    const moved = previous.participants !== next.participants || previous.lobby !== next.lobby || previous.own?.id !== next.own?.id;
    if (moved) this.move(next, people, waiting);
    if (moved || previous.speaking !== next.speaking) {
      for (const [id, person] of this.people) person.setSpeaking(next.speaking.has(id));
    }
    return { people, waiting };
  }

  /** A slot began or ceased to carry a publication. */
  setArrival(publication: number, arrival: Arrival): void {
    for (const person of this.people.values()) person.setArrival(publication, arrival);
  }

  private move(next: MeetingMirror, people: RosterChange, waiting: RosterChange): void {
    const ownId = next.own?.id;
    for (const [id, person] of [...this.people]) {
      if (next.participants.has(id) || next.lobby.has(id)) continue;
      this.people.delete(id);
      if (this.waitingIds.delete(id)) waiting.removed.push(person);
      const reason = next.unanswered.get(id);
      person.leave(reason && endReasonFromRefusal(reason));
      people.removed.push(person);
    }
    for (const [id, participant] of next.participants) {
      if (id === ownId) continue;
      const person = this.ensure(id, people);
      if (this.waitingIds.delete(id)) waiting.removed.push(person);
      person.update(participant, next.meeting?.kind);
    }
    for (const [id, entry] of next.lobby) {
      if (id === ownId || next.participants.has(id)) continue;
      const person = this.ensure(id, people);
      person.wait(entry);
      if (this.waitingIds.has(id)) continue;
      this.waitingIds.add(id);
      waiting.added.push(person);
    }
  }

  private ensure(id: string, people: RosterChange): RemotePerson {
    const known = this.people.get(id);
    if (known) return known;
    const person = this.invited.get(id) ?? new RemotePerson(id, this.host);
    this.invited.delete(id);
    this.people.set(id, person);
    people.added.push(person);
    return person;
  }
}
