/** What the meeting page shows: plain, immutable values made from the calling SDK's objects by `read.ts`. */
import type { RemoteVideoStream, TogetherModeVideoStream } from "@anteroom/calling";

export type PersonKind = "member" | "guest" | "phone" | "application";
export type RoleName = "organizer" | "coOrganizer" | "presenter" | "attendee";

/** Which media somebody may send. */
export interface MediaRights {
  microphone: boolean;
  camera: boolean;
}

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
  /** Place in the spotlight, 1 first. */
  spotlight: number | undefined;
  /** What those who run the meeting let this person send. */
  access: MediaRights;
  /** The connection of this person is lost just now. */
  reconnecting: boolean;
  /** The person is in a breakout room or put the call on hold. */
  away: boolean;
  camera: RemoteVideoStream | undefined;
  screen: RemoteVideoStream | undefined;
  /** The picture is held back, because the own connection is too weak for everything that is shown. */
  cameraPaused: boolean;
  screenPaused: boolean;
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
  react: Permission;
  spotlight: Permission;
  endSpotlight: Permission;
  forbidMicrophone: Permission;
  forbidCamera: Permission;
  captions: Permission;
  record: Permission;
  transcribe: Permission;
  together: Permission;
  manageRooms: Permission;
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
  spotlight: number | undefined;
}

/** A breakout room as those see it who manage the rooms. */
export interface RoomView {
  id: string;
  name: string;
  open: boolean;
  /** Raw ids of those who are assigned. */
  people: readonly string[];
}

export interface BreakoutView {
  /** This call is one of a room, not the main meeting's. */
  inRoom: boolean;
  /** In a room: whether people may go back before it closes. */
  mayReturn: boolean;
  /** In a room: when it closes by itself, milliseconds since the epoch. */
  ends: number | undefined;
  /** In the main meeting: the own room. */
  assigned: { name: string; open: boolean; moves: boolean } | undefined;
  /** All rooms; empty for those who do not manage them. */
  rooms: readonly RoomView[];
}

/** What the meeting's features say. */
export interface FeaturesView {
  /** What attendees may send unless said otherwise for one of them. */
  attendees: MediaRights;
  captions: { offered: boolean; on: boolean };
  recording: boolean;
  transcribing: boolean;
  /** What the person has to agree to before sending anything. */
  consent: { recording: boolean; transcription: boolean };
  /** One picture of everybody, while the together view is on. */
  together: TogetherModeVideoStream | undefined;
  breakout: BreakoutView;
}

export interface CallView extends FeaturesView {
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
  react: { allowed: false, why: "" },
  spotlight: { allowed: false, why: "" },
  endSpotlight: { allowed: false, why: "" },
  forbidMicrophone: { allowed: false, why: "" },
  forbidCamera: { allowed: false, why: "" },
  captions: { allowed: false, why: "" },
  record: { allowed: false, why: "" },
  transcribe: { allowed: false, why: "" },
  together: { allowed: false, why: "" },
  manageRooms: { allowed: false, why: "" },
};

/** Before anybody is inside. */
export const noFeatures: FeaturesView = {
  attendees: { microphone: true, camera: true },
  captions: { offered: false, on: false },
  recording: false,
  transcribing: false,
  consent: { recording: false, transcription: false },
  together: undefined,
  breakout: { inRoom: false, mayReturn: true, ends: undefined, assigned: undefined, rooms: [] },
};
