// Types of an extension beyond the established surface: managing breakout rooms, and messages to all of them.
import type { CommunicationIdentifier, CommunicationIdentifierKind } from '@azure/communication-common';

import type { EventSource } from './common';

/** A room to be made. */
export interface PlannedBreakoutRoom {
  /** Name to show, 1 to 128 characters. */
  displayName: string;
  /** Who is assigned; nobody to two rooms. */
  invitees: CommunicationIdentifier[];
}

/** Rooms to be made, at most fifty, with a thousand people in all. */
export interface BreakoutPlan {
  rooms: PlannedBreakoutRoom[];
  /** Whether people are moved by themselves when the rooms open. */
  autoMove?: boolean;
  /** Whether people stay until the rooms close; applications then show no way back. */
  disableReturn?: boolean;
  /** Seconds for which the rooms are open, up to a day; nothing: until somebody closes them. */
  seconds?: number;
}

/** A room as those see it who manage it. */
export interface ManagedBreakoutRoom {
  /** Names the room for `assign`. */
  readonly id: string;
  readonly displayName: string;
  readonly isOpen: boolean;
  readonly invitees: CommunicationIdentifierKind[];
}

/** Something that was said to all rooms. */
export interface BreakoutMessage {
  readonly sender: CommunicationIdentifierKind;
  readonly displayName: string;
  readonly text: string;
}

/**
 * Extension: breakout rooms for those who manage them: signed-in organizers, co-organizers and presenters. Everybody else's requests are
 * refused. `message` is told in the call of each room, and in the meeting to those who manage. That rooms changed is told by the feature
 * BreakoutRooms.
 */
export interface BreakoutControl extends EventSource<{ message: (message: BreakoutMessage) => void }> {
  /** All rooms; empty for those who do not manage them. */
  readonly rooms: readonly ManagedBreakoutRoom[];
  /** Makes rooms in place of those before; refused while rooms are open. */
  plan(plan: BreakoutPlan): Promise<void>;
  /** Assigns somebody to a room, or to none; while rooms are open this moves them. */
  assign(identifier: CommunicationIdentifier, roomId: string | undefined): Promise<void>;
  /** Opens the rooms. */
  open(): Promise<void>;
  /** Closes the rooms; everybody returns. */
  close(): Promise<void>;
  /** Says something in all open rooms. */
  say(text: string): Promise<void>;
}
