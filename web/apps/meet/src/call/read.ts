/**
 * Reads the calling SDK's objects into a `CallView`. Pure: it subscribes to nothing and changes nothing.
 * Not here: when to read (`call-model.ts`), what people do (`call-actions.ts`).
 */
import {
  DiagnosticQuality,
  Features,
  type CallCommon,
  type CapabilityResolutionReason,
  type ParticipantCapabilities,
  type ParticipantCapabilityName,
  type ParticipantRole,
  type RemoteParticipant,
} from "@anteroom/calling";
import { getIdentifierRawId, type CommunicationIdentifierKind } from "@azure/communication-common";
import { nobodyMay, type CallPhase, type CallView, type Permission, type Permissions, type Person, type PersonKind, type RoleName } from "./view";

/** Who the own person is, as far as the call itself does not say. */
export interface OwnFacts {
  id: string;
  name: string;
}

export function readCall(call: CallCommon, own: OwnFacts, since: number | undefined): CallView {
  const phase = phaseOf(call);
  const inside = phase === "connected";
  const hands = inside ? handsOf(call) : new Map<string, number>();
  const role = roleOf(call.role);
  return {
    phase,
    waitsForStart: phase === "lobby" && call.meeting?.waitsForStart === true,
    subject: call.meeting?.subject ?? "",
    locked: call.meeting?.locked ?? false,
    own: {
      ...own,
      role,
      muted: call.isMuted,
      cameraOn: call.localVideoStreams.some((stream) => stream.mediaStreamType === "Video"),
      sharing: call.isScreenSharingOn,
      hand: hands.get(own.id),
    },
    people: inside ? call.remoteParticipants.filter(isPresent).map((participant) => personOf(participant, hands)) : [],
    lobby: inside ? (call.lobby?.participants ?? []).map(waitingOf) : [],
    dominant: inside ? call.feature(Features.DominantSpeakers).dominantSpeakers.speakersList.map(getIdentifierRawId) : [],
    permissions: inside ? permissionsOf(call.feature(Features.Capabilities).capabilities, role) : nobodyMay,
    reconnecting: isReconnecting(call),
    since,
  };
}

function phaseOf(call: CallCommon): CallPhase {
  switch (call.state) {
    case "InLobby":
      return "lobby";
    case "Connected":
    case "LocalHold":
    case "RemoteHold":
      return "connected";
    case "Disconnecting":
    case "Disconnected":
      return "ended";
    case "None":
    case "Connecting":
    case "Ringing":
    case "EarlyMedia":
      return "connecting";
  }
}

function handsOf(call: CallCommon): Map<string, number> {
  const raised = call.feature(Features.RaiseHand).getRaisedHands();
  return new Map(raised.map((hand) => [getIdentifierRawId(hand.identifier), hand.order]));
}

/** Those whom the roster shows; people in the lobby are listed by the SDK too, with their state. */
function isPresent(participant: RemoteParticipant): boolean {
  return participant.role !== "Consumer" && !["Idle", "InLobby", "Disconnected"].includes(participant.state);
}

function personOf(participant: RemoteParticipant, hands: ReadonlyMap<string, number>): Person {
  const id = getIdentifierRawId(participant.identifier);
  const stream = (type: "Video" | "ScreenSharing") =>
    participant.videoStreams.find((candidate) => candidate.mediaStreamType === type && candidate.isAvailable);
  return {
    id,
    name: nameOf(participant),
    kind: kindOf(participant.identifier),
    role: roleOf(participant.role),
    muted: participant.isMuted,
    speaking: participant.isSpeaking && !participant.isMuted,
    hand: hands.get(id),
    reconnecting: participant.isReconnecting || participant.state === "Connecting",
    camera: stream("Video"),
    screen: stream("ScreenSharing"),
  };
}

function waitingOf(participant: RemoteParticipant) {
  return { id: getIdentifierRawId(participant.identifier), name: nameOf(participant), kind: kindOf(participant.identifier) };
}

function nameOf(participant: RemoteParticipant): string {
  const name = participant.displayName?.trim() ?? "";
  return name === "" ? "Somebody without a name" : name;
}

/** Only a directory account counts as a member; what the SDK calls an anonymous account is a visitor of the join page. */
export function kindOf(identifier: CommunicationIdentifierKind): PersonKind {
  switch (identifier.kind) {
    case "microsoftTeamsUser":
      return identifier.isAnonymous === true ? "guest" : "member";
    case "phoneNumber":
      return "phone";
    case "microsoftTeamsApp":
      return "application";
    default:
      return getIdentifierRawId(identifier).startsWith("8:orgid:") ? "member" : "guest";
  }
}

export function roleOf(role: ParticipantRole): RoleName {
  switch (role) {
    case "Organizer":
      return "organizer";
    case "Co-organizer":
      return "coOrganizer";
    case "Presenter":
      return "presenter";
    case "Unknown":
    case "Attendee":
    case "Consumer":
    case "Collaborator":
      return "attendee";
  }
}

function permissionsOf(capabilities: ParticipantCapabilities, role: RoleName): Permissions {
  const may = (name: ParticipantCapabilityName): Permission => {
    const { isPresent, reason } = capabilities[name];
    return isPresent || reason === "NotInitialized" ? { allowed: true } : { allowed: false, why: whyNot(name, reason) };
  };
  const strict = (name: ParticipantCapabilityName): Permission =>
    capabilities[name].isPresent ? { allowed: true } : { allowed: false, why: whyNot(name, capabilities[name].reason) };
  // Lock and roles are no capabilities of the SDK; the server decides by role, and so does what is offered.
  const runs: Permission = role === "attendee" ? { allowed: false, why: "Only people who run the meeting can do this." } : { allowed: true };
  return {
    unmute: may("unmuteMic"),
    camera: may("turnVideoOn"),
    share: may("shareScreen"),
    raiseHand: may("raiseHand"),
    muteOthers: strict("muteOthers"),
    remove: strict("removeParticipant"),
    admit: strict("manageLobby"),
    endForAll: strict("hangUpForEveryOne"),
    lock: runs,
    changeRoles: runs,
  };
}

const things: Partial<Record<ParticipantCapabilityName, string>> = {
  unmuteMic: "Unmuting",
  turnVideoOn: "The camera",
  shareScreen: "Sharing",
  raiseHand: "Raising a hand",
};

function whyNot(name: ParticipantCapabilityName, reason: CapabilityResolutionReason): string {
  const thing = things[name] ?? "This";
  switch (reason) {
    case "RoleRestricted":
      return `${thing} is reserved for people who run the meeting.`;
    case "UserPolicyRestricted":
      return `${thing} is reserved for people with an account, by the organisation's policy.`;
    case "MeetingRestricted":
      return `${thing} is switched off in this meeting.`;
    case "ClientRestricted":
      return `${thing} is not possible in this browser.`;
    default:
      return `${thing} is not available in this meeting.`;
  }
}

function isReconnecting(call: CallCommon): boolean {
  const value = call.feature(Features.UserFacingDiagnostics).network.getLatest().networkReconnect?.value;
  return value === DiagnosticQuality.Poor || value === DiagnosticQuality.Bad;
}
