/** Stand-ins for the calling SDK's objects, driven by tests. Only what the view models use is there. */
import {
  DiagnosticQuality,
  Features,
  type CallCommon,
  type CallEndReason,
  type CallState,
  type ParticipantCapabilities,
  type ParticipantCapabilityName,
  type ParticipantRole,
  type RemoteParticipant,
} from "@anteroom/calling";
import { createIdentifierFromRawId, getIdentifierKind, getIdentifierRawId } from "@azure/communication-common";

type Listener = (argument: never) => void;

/** `on`, `off` and a way to fire. */
export class Events {
  private readonly listeners = new Map<string, Set<Listener>>();

  readonly on = (event: string, listener: Listener): void => {
    const set = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, set.add(listener));
  };

  readonly off = (event: string, listener: Listener): void => {
    this.listeners.get(event)?.delete(listener);
  };

  fire(event: string, argument?: unknown): void {
    for (const listener of [...(this.listeners.get(event) ?? [])]) {
      listener(argument as never);
    }
  }

  /** How many listen to anything. */
  get count(): number {
    return [...this.listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }
}

export class FakeStream extends Events {
  isAvailable = true;
  isPaused = false;

  constructor(readonly mediaStreamType: "Video" | "ScreenSharing") {
    super();
  }
}

export class FakeParticipant extends Events {
  state = "Connected";
  isMuted = false;
  isSpeaking = false;
  isReconnecting = false;
  role: ParticipantRole = "Attendee";
  videoStreams: FakeStream[] = [];
  muteRequests = 0;

  constructor(
    readonly id: string,
    public displayName: string,
  ) {
    super();
  }

  get identifier() {
    return getIdentifierKind(createIdentifierFromRawId(this.id));
  }

  readonly mute = (): Promise<void> => {
    this.muteRequests += 1;
    return Promise.resolve();
  };
}

const organizerMay: ParticipantCapabilityName[] = [
  ...(["unmuteMic", "turnVideoOn", "shareScreen", "raiseHand", "muteOthers", "removeParticipant", "manageLobby", "hangUpForEveryOne"] as const),
  ...(["useReactions", "spotlightParticipant", "removeParticipantsSpotlight", "forbidOthersAudio", "forbidOthersVideo"] as const),
  ...(["startLiveMeetingCaptions", "startTogetherMode", "joinBreakoutRooms"] as const),
];

export class FakeCall extends Events {
  id = "call";
  readonly info = { threadId: "19:meeting_x@thread.v2" };
  state: CallState = "Connecting";
  isMuted = false;
  isScreenSharingOn = false;
  role: ParticipantRole = "Organizer";
  callEndReason: CallEndReason | undefined;
  localVideoStreams: { mediaStreamType: string }[] = [];
  remoteParticipants: FakeParticipant[] = [];
  readonly lobby = Object.assign(new Events(), { participants: [] as FakeParticipant[], admit: this.record("admit"), reject: this.record("reject"), admitAll: this.record("admitAll") });
  readonly meeting = Object.assign(new Events(), { subject: "Follow-up", locked: false, waitsForStart: false, setLocked: this.record("setLocked"), setRole: this.record("setRole"), setRecording: this.record("setRecording"), setTranscription: this.record("setTranscription"), setTogether: this.record("setTogether"), breakout: Object.assign(new Events(), { rooms: [] as unknown[], plan: this.record("plan"), open: this.record("open"), close: this.record("close"), say: this.record("say"), assign: this.record("assign") }) });
  readonly reactions = Object.assign(new Events(), { sendReaction: this.record("react") });
  readonly spotlight = Object.assign(new Events(), { list: [] as { identifier: unknown; order: number }[], getSpotlightedParticipants: () => this.spotlight.list, startSpotlight: this.record("startSpotlight"), stopSpotlight: this.record("stopSpotlight") });
  readonly access = Object.assign(new Events(), { meeting: { isAudioPermitted: true, isVideoPermitted: true }, others: [] as unknown[], getMeetingMediaAccess: () => this.access.meeting, getAllOthersMediaAccess: () => this.access.others, permitAudio: this.record("permitAudio"), forbidAudio: this.record("forbidAudio"), permitVideo: this.record("permitVideo"), forbidVideo: this.record("forbidVideo"), permitOthersAudio: this.record("permitOthersAudio"), forbidOthersAudio: this.record("forbidOthersAudio"), permitOthersVideo: this.record("permitOthersVideo"), forbidOthersVideo: this.record("forbidOthersVideo") });
  readonly captionsOfCall = Object.assign(new Events(), { kind: "TeamsCaptions", isCaptionsFeatureActive: false, startCaptions: this.record("startCaptions"), stopCaptions: this.record("stopCaptions") });
  readonly recording = Object.assign(new Events(), { isRecordingActive: false, isTeamsConsentRequired: false, grantTeamsConsent: this.record("agree to recording") });
  readonly transcription = Object.assign(new Events(), { isTranscriptionActive: false, isTeamsConsentRequired: false, grantTeamsConsent: this.record("agree to transcription") });
  readonly together = Object.assign(new Events(), { togetherModeStream: [] as unknown[] });
  readonly breakout: Events & { assignedBreakoutRooms?: unknown; breakoutRooms?: unknown[]; breakoutRoomsSettings?: { disableReturnToMainMeeting: boolean; roomEndTime?: string } } = new Events();

  readonly hands = Object.assign(new Events(), { raised: [] as { identifier: unknown; order: number }[], getRaisedHands: () => this.hands.raised, raiseHand: this.record("raiseHand"), lowerHand: this.record("lowerHand"), lowerHands: this.record("lowerHands") });
  readonly speakers = Object.assign(new Events(), { dominantSpeakers: { speakersList: [] as unknown[], timestamp: new Date(0) } });
  readonly capabilities = Object.assign(new Events(), { capabilities: capabilities(organizerMay) });
  readonly network = Object.assign(new Events(), { latest: {} as Record<string, unknown>, getLatest: () => this.network.latest });
  /** What was asked of the SDK, in order. */
  requests: string[] = [];
  /** The next request fails with this. */
  failure: Error | undefined;

  readonly feature = (key: unknown): unknown => {
    switch (key) {
      case Features.RaiseHand:
        return this.hands;
      case Features.DominantSpeakers:
        return this.speakers;
      case Features.Capabilities:
        return this.capabilities;
      case Features.UserFacingDiagnostics:
        return { network: this.network };
      case Features.Reaction:
        return this.reactions;
      case Features.Spotlight:
        return this.spotlight;
      case Features.MediaAccess:
        return this.access;
      case Features.Captions:
        return { captions: this.captionsOfCall };
      case Features.Recording:
        return this.recording;
      case Features.Transcription:
        return this.transcription;
      case Features.TogetherMode:
        return this.together;
      case Features.BreakoutRooms:
        return this.breakout;
      default:
        throw new Error("a feature that the app does not use");
    }
  };

  readonly mute = this.record("mute");
  readonly unmute = this.record("unmute");
  readonly startVideo = this.record("startVideo");
  readonly stopVideo = this.record("stopVideo");
  readonly startScreenSharing = this.record("startScreenSharing");
  readonly stopScreenSharing = this.record("stopScreenSharing");
  readonly hangUp = this.record("hangUp");
  readonly removeParticipant = this.record("removeParticipant");
  readonly muteAllRemoteParticipants = this.record("muteAll");

  get asCall(): CallCommon & { readonly info: { readonly threadId?: string } } {
    return this as unknown as CallCommon & { readonly info: { readonly threadId?: string } };
  }

  to(state: CallState): void {
    this.state = state;
    this.fire("stateChanged");
  }

  add(...people: FakeParticipant[]): void {
    this.remoteParticipants = [...this.remoteParticipants, ...people];
    this.fire("remoteParticipantsUpdated", { added: people, removed: [] });
  }

  drop(person: FakeParticipant): void {
    this.remoteParticipants = this.remoteParticipants.filter((other) => other !== person);
    this.fire("remoteParticipantsUpdated", { added: [], removed: [person] });
  }

  wait(person: FakeParticipant): void {
    this.lobby.participants = [...this.lobby.participants, person];
    this.lobby.fire("lobbyParticipantsUpdated", { added: [person], removed: [] });
  }

  raise(id: string, order: number): void {
    const identifier = getIdentifierKind(createIdentifierFromRawId(id));
    this.hands.raised = [...this.hands.raised, { identifier, order }];
    this.hands.fire("raisedHandEvent", { identifier });
  }

  /** What somebody sees who went into the room of this call. */
  enter(room: FakeCall): void {
    this.breakout.fire("breakoutRoomsUpdated", { type: "join", data: room });
  }

  /** Everything that anybody listens to. */
  get listening(): number {
    const { lobby, meeting, hands, network, reactions, spotlight, access, captionsOfCall, recording, transcription, together, breakout } = this;
    const all: Events[] = [this, lobby, meeting, meeting.breakout, hands, network, this.speakers, this.capabilities, reactions, spotlight, access, captionsOfCall, recording, transcription, together, breakout];
    return all.reduce((sum, { count }) => sum + count, 0);
  }

  lose(): void {
    this.network.latest = { networkReconnect: { value: DiagnosticQuality.Bad, valueType: "DiagnosticQuality" } };
    this.network.fire("diagnosticChanged");
  }

  end(reason: CallEndReason): void {
    this.callEndReason = reason;
    this.to("Disconnected");
  }

  private record(name: string): (argument?: unknown) => Promise<void> {
    return (argument) => {
      const { failure } = this;
      this.requests.push(argument === undefined ? name : `${name} ${describe(argument)}`);
      if (failure !== undefined) {
        this.failure = undefined;
        return Promise.reject(failure);
      }
      return Promise.resolve();
    };
  }
}

export function capabilities(present: ParticipantCapabilityName[], reason: "RoleRestricted" | "UserPolicyRestricted" = "RoleRestricted"): ParticipantCapabilities {
  const all: ParticipantCapabilityName[] = [...organizerMay];
  return Object.fromEntries(
    all.map((name) => [name, present.includes(name) ? { isPresent: true, reason: "Capable" } : { isPresent: false, reason }]),
  ) as unknown as ParticipantCapabilities;
}

/** Lets planned work happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) {
    await Promise.resolve();
  }
}

function describe(argument: unknown): string {
  if (typeof argument === "object" && argument !== null) {
    if (Array.isArray(argument)) {
      return argument.map(describe).join(",");
    }
    return ["mediaStreamType", "forEveryone", "reactionType", "rooms"].some((member) => member in argument) ? JSON.stringify(argument) : getIdentifierRawId(argument as RemoteParticipant["identifier"]);
  }
  return String(argument);
}
