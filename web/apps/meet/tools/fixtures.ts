/** What the mocked server of the screenshots knows. Nothing here is part of the app. */
export const tenantId = "5f0e6c1c-1b1e-4c9f-9a70-0c3f6a1b2c3d";
export const clientId = "7c2d54ce-9a1b-4a52-8f63-2f1d5a7c9e01";
const oid = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";
export const organizerRawId = `8:orgid:${oid}`;

export const config = { tenantId, meetClientId: clientId, organisation: "Riverside Clinic" };

export function jwt(claims: Record<string, unknown>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256", typ: "JWT" })}.${part({ exp: Math.floor(Date.now() / 1000) + 3600, ...claims })}.c2ln`;
}

/** A sign-in as oidc-client-ts keeps it. */
export function keptSignIn(origin: string): { key: string; value: string } {
  const profile = { sub: "pairwise", oid, tid: tenantId, name: "Anna Berg", preferred_username: "anna.berg@riverside.example", iss: origin, aud: clientId, exp: 0, iat: 0 };
  const access = jwt({ oid, tid: tenantId, scp: "Teams.ManageCalls", anteroomSignal: `${origin.replace("http", "ws")}/signal` });
  return {
    key: `oidc.user:${origin}/${tenantId}/v2.0:${clientId}`,
    value: JSON.stringify({ access_token: access, refresh_token: "r", token_type: "Bearer", scope: "openid", profile, expires_at: Math.floor(Date.now() / 1000) + 3600 }),
  };
}

const hour = 3_600_000;

export function meetings(origin: string) {
  const noon = new Date();
  noon.setMinutes(noon.getMinutes() < 30 ? 0 : 30, 0, 0);
  const make = (index: number, subject: string, offset: number, length: number) => ({
    id: `MSo${String(index)}==`,
    subject,
    startDateTime: new Date(noon.getTime() + offset * hour).toISOString(),
    endDateTime: new Date(noon.getTime() + (offset + length) * hour).toISOString(),
    joinWebUrl: `${origin}/l/meetup-join/19%3ameeting_M2Y0ZjI3ODAtNGM1Zi00ZGM4LWE1ZTQtMDk4ZjVjNWM2ZDg${String(index)}%40thread.v2/0?context=%7b%22Tid%22%3a%22${tenantId}%22%2c%22Oid%22%3a%22${oid}%22%7d`,
    joinMeetingIdSettings: { isPasscodeRequired: true, joinMeetingId: `284691735${String(index)}`, passcode: "k7Qm2xZp" },
    lobbyBypassSettings: { scope: "organization" },
    allowedPresenters: "organization",
    allowAnonymousJoin: true,
  });
  return [
    make(1, "Follow-up: Maria Lindqvist", -0.5, 1.5),
    make(2, "Second opinion with Dr. Haddad", 2, 0.5),
    make(3, "Introduction for new patients", 22, 1),
    make(4, "Physiotherapy review", 25, 0.5),
    make(5, "Blood results", -26, 0.5),
  ];
}

export const settings = {
  tenant: { disableAnonymousJoin: false, enableAcsUsers: true, allowedAcsResources: [], blockedAcsResources: [], allowGuestUser: true, allowFederatedUsers: true },
  policy: {
    allowAnonymousUsersToJoinMeeting: true,
    allowAnonymousUsersToStartMeeting: false,
    autoAdmittedUsers: "organization",
    usersCanAdmitFromLobby: "organizerAndCoOrganizersAndPresenters",
    guestRaisedHand: false,
    guestsCallMembers: false,
    guestTogetherView: false,
    guestBreakoutRooms: false,
    realTimeText: true,
    allowCaptions: true,
    allowCloudRecording: true,
    groupCallRecording: false,
    allowTranscription: true,
    explicitRecordingConsent: false,
    lobbyTimeoutS: 1800,
  },
};

const names = ["turnVideoOn", "unmuteMic", "shareScreen", "removeParticipant", "hangUpForEveryOne", "addCommunicationUser", "addTeamsUser", "addPhoneNumber", "manageLobby", "spotlightParticipant", "removeParticipantsSpotlight", "blurBackground", "startLiveMeetingCaptions", "startLiveCallingCaptions", "setCaptionLanguage", "raiseHand", "pstnDialOut", "muteOthers", "useReactions", "viewAttendeeNames", "startTogetherMode", "joinBreakoutRooms", "forbidOthersAudio", "forbidOthersVideo", "realTimeText"];
const attendeeMay = new Set(["turnVideoOn", "unmuteMic", "shareScreen", "viewAttendeeNames", "useReactions", "startLiveMeetingCaptions"]);
const organizerMay = new Set([
  ...attendeeMay,
  ...["removeParticipant", "hangUpForEveryOne", "manageLobby", "raiseHand", "muteOthers", "spotlightParticipant", "removeParticipantsSpotlight"],
  ...["forbidOthersAudio", "forbidOthersVideo", "startTogetherMode", "joinBreakoutRooms"],
]);

/** What of the meeting's features a scene shows. */
export interface Features {
  spotlight?: boolean;
  recording?: boolean;
  consent?: boolean;
  captions?: boolean;
  together?: boolean;
  rooms?: "open" | "assigned" | "inside";
}

const room = (id: string, name: string, invitees: string[]) => ({ id, name, threadId: `19:meeting_${id}@thread.v2`, open: true, autoMove: false, invitees });

function participant(id: string, displayName: string, kind: string, role: string, more: Record<string, unknown> = {}) {
  return { id, session: `s-${displayName}`, displayName, kind, role, muted: false, hand: null, spotlight: null, access: { audio: true, video: true }, presence: "inside", reconnecting: false, publications: [], ...more };
}

/** The state of a meeting as the server sends it to one person. */
export function snapshot(ownId: string, options: { crowd: number; lobby: boolean; organizer: boolean; features?: Features }) {
  const features = options.features ?? {};
  const crowd = [
    participant("8:acs:11111111-2222-3333-4444-555555555555_0001", "Maria Lindqvist", "guest", "attendee", features.spotlight === true ? { spotlight: 1 } : {}),
    participant("8:orgid:22222222-bbfd-4b2d-9b5d-ab8dfbbd4bed", "Ben Okafor", "member", "presenter", { muted: true, hand: 1 }),
    participant("8:teamsvisitor:v3", "Jonas Lindqvist", "visitor", "attendee", { muted: true, access: { audio: features.spotlight !== true, video: true } }),
    participant("8:orgid:33333333-bbfd-4b2d-9b5d-ab8dfbbd4bed", "Clara Weiss", "member", "presenter"),
    participant("8:teamsvisitor:v5", "Amira Haddad", "visitor", "attendee", { reconnecting: true }),
    participant("8:teamsvisitor:v6", "Noah Petersen-Bartholomew of the Harbour District", "visitor", "attendee", { muted: true }),
    participant("8:teamsvisitor:v7", "Eva Ruiz", "visitor", "attendee", { muted: true }),
    participant("8:teamsvisitor:v8", "Li Wei", "visitor", "attendee"),
    participant("8:teamsvisitor:v9", "Tomas Novak", "visitor", "attendee"),
    participant("8:teamsvisitor:v10", "Ida Holm", "visitor", "attendee"),
    participant("8:teamsvisitor:v11", "Omar Said", "visitor", "attendee"),
  ].slice(0, options.crowd);
  const own = participant(ownId, options.organizer ? "Anna Berg" : "Maria Lindqvist", options.organizer ? "member" : "visitor", options.organizer ? "organizer" : "attendee");
  const may = options.organizer ? organizerMay : attendeeMay;
  return {
    meeting: {
      subject: features.rooms === "inside" ? "Knee exercises" : "Follow-up: Maria Lindqvist",
      threadId: "19:meeting_M2Y0@thread.v2",
      serverCallId: "call",
      kind: "meeting",
      groupId: null,
      locked: false,
      access: { audio: true, video: true },
      maxSpotlight: 7,
      recordings: features.recording === true ? [{ id: "r1", by: ownId }] : [],
      transcribing: features.recording === true,
      captions: { available: true, spokenLanguage: "en-us", spokenLanguages: ["en-us"], captionLanguages: [] },
      together: features.together === true ? [own, ...crowd].map(({ id }, index) => ({ participant: id, left: 400 + 2400 * (index % 4), top: 1400 + 4000 * Math.floor(index / 4), width: 2000, height: 3400 })) : null,
      dominantSpeakers: [crowd[0]?.id ?? ownId],
    },
    own: {
      id: ownId,
      session: "own",
      displayName: own.displayName,
      role: own.role,
      muted: false,
      mutedByOther: false,
      captions: features.captions === true ? { language: "en-us" } : null,
      recordingConsentRequired: features.consent === true,
      transcriptionConsentRequired: features.consent === true,
      capabilities: names.map((name) => ({ name, state: { isPresent: may.has(name), reason: may.has(name) ? "Capable" : name === "raiseHand" ? "UserPolicyRestricted" : "FeatureNotSupported" } })),
    },
    participants: [own, ...crowd],
    lobby: options.lobby
      ? [
          { id: "8:teamsvisitor:w1", session: "w1", displayName: "Peter Sandoval", kind: "visitor", since: new Date().toISOString() },
          { id: "8:acs:11111111-2222-3333-4444-555555555555_0002", session: "w2", displayName: "Grace Ndiaye", kind: "guest", since: new Date().toISOString() },
        ]
      : [],
    slots: [],
    breakout: {
      assigned: features.rooms === "assigned" ? room("b", "Knee exercises", [ownId]) : null,
      rooms:
        features.rooms === "open"
          ? [room("a", "Group discussion", crowd.slice(0, 2).map(({ id }) => id)), room("b", "Knee exercises", crowd.slice(2, 4).map(({ id }) => id))]
          : [],
      ends: features.rooms === "inside" ? new Date(Date.now() + 272_000).toISOString() : null,
      returnDisabled: false,
      mainThreadId: features.rooms === "inside" ? "19:meeting_M2Y0@thread.v2" : null,
    },
  };
}

/** Messages of the meeting's thread as the chat API lists them, newest first. */
export function chatMessages(maria: string, ben: string) {
  const now = Math.floor(Date.now() / 1000) * 1000;
  const at = (minutes: number) => ({ id: String(now - minutes * 60_000), createdOn: new Date(now - minutes * 60_000).toISOString() });
  const text = (minutes: number, rawId: string, senderDisplayName: string, message: string, more: object = {}) => ({
    ...at(minutes),
    type: "text",
    content: { message },
    senderDisplayName,
    senderCommunicationIdentifier: { kind: "unknown", rawId },
    ...more,
  });
  return [
    text(1, ben, "Ben Okafor", "Then we go on with the exercises. The sheet:\n1. ten minutes of walking, twice a day\n2. stretching in the evening"),
    text(2, organizerRawId, "Anna Berg", "Good. Does the knee still hurt on stairs?", { editedOn: new Date(now - 90_000).toISOString() }),
    text(4, maria, "Maria Lindqvist", "Hello, I am in. I can hear you well."),
    { ...at(5), type: "participantAdded", content: { participants: [{ communicationIdentifier: { rawId: maria }, displayName: "Maria Lindqvist" }] } },
  ];
}
