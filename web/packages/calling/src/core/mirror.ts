// The meeting as the server told it: snapshot + ordered deltas. Pure.
//
// Owns: the reduction of events. Not here: the objects that applications see (session/roster.ts), sockets, media.
// Invariants: a mirror is never changed, only replaced; a delta that does not follow the last one changes nothing but asks for a
// snapshot; until that snapshot came, deltas of state are dropped; an unknown event only moves the revision.
// Tests: test/pure.test.ts ("the mirror"), test/resume.test.ts ("a missed delta").
import type { BreakoutState, Event, IceServer, MeetingState, Participant, Refusal, SelfState, SlotBinding, Speaking, WaitingParticipant } from '../wire';

/** Where the own person is. */
export type Phase = 'joining' | 'waiting' | 'in' | 'over';

/** The meeting as the server told it. */
export interface MeetingMirror {
  readonly phase: Phase;
  readonly revision: number;
  /** A delta was missed; a snapshot is on its way. */
  readonly stale: boolean;
  readonly notStarted: boolean;
  readonly meeting: MeetingState | undefined;
  readonly own: SelfState | undefined;
  readonly participants: ReadonlyMap<string, Participant>;
  readonly lobby: ReadonlyMap<string, WaitingParticipant>;
  readonly slots: ReadonlyMap<string, SlotBinding>;
  readonly breakout: BreakoutState;
  /** As the last snapshot gave them. */
  readonly iceServers: readonly IceServer[];
  readonly speaking: ReadonlySet<string>;
  readonly dominant: readonly string[];
  /** When that ranking came about, RFC 3339. */
  readonly dominantSince: string | undefined;
  /** Raw ids that somebody removed in the last delta. */
  readonly removed: ReadonlySet<string>;
  /** Why people who were called did not come, of the last delta. */
  readonly unanswered: ReadonlyMap<string, Refusal>;
}

/** Nothing is known yet. */
export const EMPTY_MIRROR: MeetingMirror = {
  phase: 'joining',
  revision: 0,
  stale: false,
  notStarted: false,
  meeting: undefined,
  own: undefined,
  participants: new Map(),
  lobby: new Map(),
  slots: new Map(),
  breakout: { assigned: null, rooms: [], ends: null, returnDisabled: false, mainThreadId: null },
  iceServers: [],
  speaking: new Set(),
  dominant: [],
  dominantSince: undefined,
  removed: new Set(),
  unanswered: new Map(),
};

/** What became of an event. */
export interface Reduction {
  readonly mirror: MeetingMirror;
  /** The server must be asked for a snapshot. */
  readonly askSnapshot: boolean;
  /** The event was used (false: stale, missed or unknown). */
  readonly applied: boolean;
}

/** An event of the wire, or one of a later version. */
export type KnownOrUnknownEvent = Event | { readonly type: 'unknown' };

/** Takes one event. */
export function reduce(mirror: MeetingMirror, revision: number, event: KnownOrUnknownEvent): Reduction {
  if (event.type === 'snapshot' || event.type === 'waiting' || event.type === 'ended') {
    return { mirror: whole(mirror, revision, event), askSnapshot: false, applied: true };
  }
  if (revision <= mirror.revision) return { mirror, askSnapshot: false, applied: false };
  const gap = mirror.phase === 'in' && revision !== mirror.revision + 1;
  const askSnapshot = gap && !mirror.stale;
  const stale = mirror.stale || gap;
  const next: MeetingMirror = { ...mirror, revision, stale };
  // Slots carry their own order (generation) and must not wait for the snapshot.
  if (event.type === 'slots') return { mirror: { ...next, slots: bind(mirror.slots, event.bindings) }, askSnapshot, applied: true };
  if (event.type === 'unknown' || event.type === 'mediaLost') return { mirror: next, askSnapshot, applied: event.type === 'mediaLost' };
  if (isSaid(event)) return { mirror: next, askSnapshot, applied: mirror.phase === 'in' };
  if (stale || mirror.phase !== 'in') return { mirror: next, askSnapshot, applied: false };
  return { mirror: delta(next, event), askSnapshot: false, applied: true };
}

type Whole = Extract<Event, { type: 'snapshot' | 'waiting' | 'ended' }>;
type Delta = Exclude<Event, { type: 'snapshot' | 'waiting' | 'ended' | 'slots' | 'mediaLost' | SaidType }>;

/** Types of events that are said once and change no state. */
export type SaidType = 'reaction' | 'caption' | 'typed' | 'data' | 'broadcast' | 'diagnostics' | 'transferAsked' | 'transfer';
/** An event that is said once and changes no state. */
export type Said = Extract<Event, { type: SaidType }>;
const SAID: ReadonlySet<string> = new Set<SaidType>([
  'reaction',
  'caption',
  'typed',
  'data',
  'broadcast',
  'diagnostics',
  'transferAsked',
  'transfer',
]);

/** Whether the event is said once and changes no state. */
export function isSaid(event: KnownOrUnknownEvent): event is Said {
  return SAID.has(event.type);
}

function whole(mirror: MeetingMirror, revision: number, event: Whole): MeetingMirror {
  switch (event.type) {
    case 'waiting':
      return { ...EMPTY_MIRROR, phase: 'waiting', revision, notStarted: event.notStarted };
    case 'ended':
      return { ...mirror, phase: 'over', revision };
    case 'snapshot': {
      const { meeting, own, participants, lobby, slots, breakout, iceServers } = event.snapshot;
      const ids = new Set(participants.map((participant) => participant.id));
      return {
        phase: 'in',
        revision,
        stale: false,
        notStarted: false,
        meeting,
        own,
        participants: new Map(participants.map((participant) => [participant.id, participant])),
        lobby: new Map(lobby.map((waiting) => [waiting.id, waiting])),
        slots: new Map(slots.map((slot) => [slot.mid, slot])),
        breakout,
        iceServers: iceServers ?? [],
        speaking: new Set([...mirror.speaking].filter((id) => ids.has(id))),
        dominant: meeting.dominantSpeakers,
        dominantSince: meeting.dominantSince ?? undefined,
        removed: new Set(),
        unanswered: new Map(),
      };
    }
  }
}

function delta(mirror: MeetingMirror, event: Delta): MeetingMirror {
  switch (event.type) {
    case 'participants': {
      const participants = new Map(mirror.participants);
      for (const { id } of event.left) participants.delete(id);
      for (const participant of event.upserted) participants.set(participant.id, participant);
      const removed = new Set(event.left.filter((left) => left.removed).map((left) => left.id));
      const unanswered = new Map(event.left.flatMap((left) => (left.reason ? [[left.id, left.reason] as const] : [])));
      const gone = event.left.some((left) => mirror.speaking.has(left.id));
      const speaking = gone ? new Set([...mirror.speaking].filter((id) => participants.has(id))) : mirror.speaking;
      return { ...mirror, participants, removed, unanswered, speaking };
    }
    case 'lobby': {
      const lobby = new Map(mirror.lobby);
      for (const id of event.removed) lobby.delete(id);
      for (const waiting of event.added) lobby.set(waiting.id, waiting);
      return { ...mirror, lobby };
    }
    case 'breakout':
      return { ...mirror, breakout: event.breakout };
    case 'own':
      return { ...mirror, own: event.own };
    case 'meeting':
      return { ...mirror, meeting: event.meeting, dominant: event.meeting.dominantSpeakers, dominantSince: event.meeting.dominantSince ?? undefined };
    case 'speaking':
      return {
        ...mirror,
        speaking: speak(mirror.speaking, event.changes),
        dominant: event.dominant,
        dominantSince: event.dominantSince ?? undefined,
      };
  }
}

function bind(slots: ReadonlyMap<string, SlotBinding>, bindings: readonly SlotBinding[]): ReadonlyMap<string, SlotBinding> {
  const next = new Map(slots);
  for (const binding of bindings) {
    const known = next.get(binding.mid);
    if (known === undefined || binding.generation >= known.generation) next.set(binding.mid, binding);
  }
  return next;
}

function speak(speaking: ReadonlySet<string>, changes: readonly Speaking[]): ReadonlySet<string> {
  if (changes.length === 0) return speaking;
  const next = new Set(speaking);
  for (const change of changes) {
    if (change.speaking) next.add(change.id);
    else next.delete(change.id);
  }
  return next;
}
