/** What the meeting page shows: plain, immutable values made from the calling SDK's objects by `read.ts`. */
import type { RemoteVideoStream } from "@anteroom/calling";

export type PersonKind = "member" | "guest" | "phone" | "application";
export type RoleName = "organizer" | "coOrganizer" | "presenter" | "attendee";

/** One person in the meeting. */
export interface Person {
  id: string;
  name: string;
  kind: PersonKind;
  role: RoleName;
  muted: boolean;
  speaking: boolean;
  /** Place in the queue of raised hands, 1 first. */
  hand: number | undefined;
  /** The connection of this person is lost just now. */
  reconnecting: boolean;
  camera: RemoteVideoStream | undefined;
  screen: RemoteVideoStream | undefined;
}

/** Somebody who waits. */
export interface Waiting {
  id: string;
  name: string;
  kind: PersonKind;
}

/** Whether something is allowed, and if not, why, in a sentence. */
export type Permission = { allowed: true } | { allowed: false; why: string };

export interface Permissions {
  unmute: Permission;
  camera: Permission;
  share: Permission;
  raiseHand: Permission;
  muteOthers: Permission;
  remove: Permission;
  admit: Permission;
  endForAll: Permission;
  lock: Permission;
  changeRoles: Permission;
}

export type CallPhase = "connecting" | "lobby" | "connected" | "ended";

export interface Own {
  id: string;
  name: string;
  role: RoleName;
  muted: boolean;
  cameraOn: boolean;
  sharing: boolean;
  hand: number | undefined;
}

export interface CallView {
  phase: CallPhase;
  /** In the lobby: the meeting has not begun. */
  waitsForStart: boolean;
  subject: string;
  locked: boolean;
  own: Own;
  /** The others. */
  people: readonly Person[];
  lobby: readonly Waiting[];
  /** Most dominant first. */
  dominant: readonly string[];
  permissions: Permissions;
  /** The connection to the server is lost and is being brought back. */
  reconnecting: boolean;
  /** When the person came in, milliseconds since the epoch. */
  since: number | undefined;
}

export const nobodyMay: Permissions = {
  unmute: { allowed: true },
  camera: { allowed: true },
  share: { allowed: false, why: "You are not in the meeting yet." },
  raiseHand: { allowed: false, why: "You are not in the meeting yet." },
  muteOthers: { allowed: false, why: "" },
  remove: { allowed: false, why: "" },
  admit: { allowed: false, why: "" },
  endForAll: { allowed: false, why: "" },
  lock: { allowed: false, why: "" },
  changeRoles: { allowed: false, why: "" },
};
