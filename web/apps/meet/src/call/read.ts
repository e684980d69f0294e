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
import { accessOf, featuresOf, spotlightOf } from "./read-features";
import {
  nobodyMay,
  noFeatures,
  type CallPhase,
  type CallView,
  type FeaturesView,
  type MediaRights,
  type Permission,
  type Permissions,
  type Person,
  type PersonKind,
  type RoleName,
} from "./view";

/** Who the own person is, as far as the call itself does not say. */
export interface OwnFacts {
  id: string;
  name: string;
}

export function readCall(call: CallCommon, own: OwnFacts, since: number | undefined): CallView {
  const phase = phaseOf(call);
  const inside = phase === "connected";
  const hands = inside ? handsOf(call) : new Map<string, number>();
  const spotlight = inside ? spotlightOf(call) : new Map<string, number>();
  const role = roleOf(call.role);
  const { capabilities } = call.feature(Features.Capabilities);
  const features = inside ? featuresOf(call, capabilities) : noFeatures;
  return {
    ...features,
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
      spotlight: spotlight.get(own.id),
    },
    people: inside ? peopleOf(call, hands, spotlight) : [],
    lobby: inside ? (call.lobby?.participants ?? []).map(waitingOf) : [],
    dominant: inside ? call.feature(Features.DominantSpeakers).dominantSpeakers.speakersList.map(getIdentifierRawId) : [],
    permissions: inside ? permissionsOf(capabilities, role, own.id, features) : nobodyMay,
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

function peopleOf(call: CallCommon, hands: ReadonlyMap<string, number>, spotlight: ReadonlyMap<string, number>): Person[] {
  const access = accessOf(call);
  return call.remoteParticipants.filter(isPresent).map((participant) => {
    const id = getIdentifierRawId(participant.identifier);
    return personOf(participant, id, { hand: hands.get(id), spotlight: spotlight.get(id), access: access.get(id) ?? everything });
  });
}

const everything: MediaRights = { microphone: true, camera: true };

function personOf(participant: RemoteParticipant, id: string, more: Pick<Person, "hand" | "spotlight" | "access">): Person {
  const stream = (type: "Video" | "ScreenSharing") =>
    participant.videoStreams.find((candidate) => candidate.mediaStreamType === type && candidate.isAvailable);
  const camera = stream("Video");
  const screen = stream("ScreenSharing");
  return {
    id,
    name: nameOf(participant),
    kind: kindOf(participant.identifier),
    role: roleOf(participant.role),
    muted: participant.isMuted,
    speaking: participant.isSpeaking && !participant.isMuted,
    ...more,
    away: participant.state === "Hold",
    reconnecting: participant.isReconnecting || participant.state === "Connecting",
    camera,
    screen,
    cameraPaused: camera?.isPaused === true,
    screenPaused: screen?.isPaused === true,
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

function permissionsOf(capabilities: ParticipantCapabilities, role: RoleName, ownId: string, { breakout }: FeaturesView): Permissions {
  const may = (name: ParticipantCapabilityName): Permission => {
    const { isPresent, reason } = capabilities[name];
    return isPresent || reason === "NotInitialized" ? { allowed: true } : { allowed: false, why: whyNot(name, reason) };
  };
  const strict = (name: ParticipantCapabilityName): Permission =>
    capabilities[name].isPresent ? { allowed: true } : { allowed: false, why: whyNot(name, capabilities[name].reason) };
  const mainMeeting = (permission: Permission): Permission => (breakout.inRoom ? { allowed: false, why: "This is done in the main meeting." } : permission);
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
    react: strict("useReactions"),
    spotlight: strict("spotlightParticipant"),
    endSpotlight: strict("removeParticipantsSpotlight"),
    forbidMicrophone: strict("forbidOthersAudio"),
    forbidCamera: strict("forbidOthersVideo"),
    captions: strict("startLiveMeetingCaptions"),
    record: mainMeeting(runs),
    transcribe: mainMeeting(capabilities.startLiveMeetingCaptions.reason === "FeatureNotSupported" ? notHere : runs),
    together: strict("startTogetherMode"),
    // Rooms are managed by members who run the meeting, where the meeting has them at all.
    manageRooms: mainMeeting(runs.allowed && !ownId.startsWith("8:orgid:") ? notHere : runs.allowed ? strict("joinBreakoutRooms") : runs),
  };
}

const notHere: Permission = { allowed: false, why: "This is not available in this meeting." };

const things: Partial<Record<ParticipantCapabilityName, string>> = {
  unmuteMic: "Unmuting",
  turnVideoOn: "The camera",
  shareScreen: "Sharing",
  raiseHand: "Raising a hand",
  useReactions: "Reacting",
  startLiveMeetingCaptions: "Reading captions",
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
    case "ExplicitConsentRequired":
      return `${thing} waits for your consent: agree to the recording first.`;
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
