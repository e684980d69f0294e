/**
 * What the administration page shows: the settings by the names that administrators know, with what they do.
 * A setting that the server does not send is not shown; one that is not listed here is left alone.
 */
export type Field =
  | { kind: "switch"; group: "tenant" | "policy"; name: string; title: string; label: string; hint: string }
  | { kind: "choice"; group: "tenant" | "policy"; name: string; title: string; label: string; hint: string; choices: { value: string; label: string }[] }
  | { kind: "minutes"; group: "tenant" | "policy"; name: string; title: string; label: string; hint: string };

export interface Section {
  title: string;
  text: string;
  fields: Field[];
}

export const sections: Section[] = [
  {
    title: "Everybody",
    text: "Switches for the whole organisation. They can only forbid: no meeting allows what is forbidden here.",
    fields: [
      {
        kind: "switch",
        group: "tenant",
        name: "disableAnonymousJoin",
        title: "DisableAnonymousJoin",
        label: "Nobody joins without an account",
        hint: "On: people without an account are refused by every meeting, whatever its options say.",
      },
      {
        kind: "switch",
        group: "tenant",
        name: "enableAcsUsers",
        title: "EnableAcsUsers",
        label: "People may join from your own applications",
        hint: "Off: communication identities that your applications create are refused.",
      },
    ],
  },
  {
    title: "Joining without an account",
    text: "The policy for meetings of your members.",
    fields: [
      {
        kind: "switch",
        group: "policy",
        name: "allowAnonymousUsersToJoinMeeting",
        title: "AllowAnonymousUsersToJoinMeeting",
        label: "People without an account may join",
        hint: "The organizer of a meeting can still close that one meeting to them.",
      },
      {
        kind: "switch",
        group: "policy",
        name: "allowAnonymousUsersToStartMeeting",
        title: "AllowAnonymousUsersToStartMeeting",
        label: "They may start a meeting",
        hint: "Matters where everybody comes in without waiting. Off: they wait until a member is there.",
      },
    ],
  },
  {
    title: "Lobby",
    text: "What a meeting begins with; its organizer can decide otherwise.",
    fields: [
      {
        kind: "choice",
        group: "policy",
        name: "autoAdmittedUsers",
        title: "AutoAdmittedUsers",
        label: "Who comes in without waiting",
        hint: "Everybody else waits in the lobby.",
        choices: [
          { value: "organizer", label: "Only the organizer" },
          { value: "invited", label: "Invited people" },
          { value: "organizationExcludingGuests", label: "Members, without guest accounts" },
          { value: "organization", label: "Members and guest accounts" },
          { value: "organizationAndFederated", label: "Members and trusted organisations" },
          { value: "everyone", label: "Everyone" },
        ],
      },
      {
        kind: "choice",
        group: "policy",
        name: "usersCanAdmitFromLobby",
        title: "UsersCanAdmitFromLobby",
        label: "Who lets people in",
        hint: "They see who waits, admit and turn away.",
        choices: [
          { value: "organizerAndCoOrganizersAndPresenters", label: "Organizers and presenters" },
          { value: "organizerAndCoOrganizers", label: "Organizers only" },
        ],
      },
      {
        kind: "minutes",
        group: "policy",
        name: "lobbyTimeoutS",
        title: "LobbyTimeoutS",
        label: "Longest wait, in minutes",
        hint: "Somebody who waits longer is sent away and may ask again.",
      },
    ],
  },
  {
    title: "Chat in meetings",
    text: "It comes before what the organizer of a meeting chose.",
    fields: [
      {
        kind: "choice",
        group: "policy",
        name: "meetingChatEnabledType",
        title: "MeetingChatEnabledType",
        label: "Who may use the chat of a meeting",
        hint: "Guests that are kept out neither write nor read. A change counts at once, in running meetings too.",
        choices: [
          { value: "enabled", label: "Everybody in the meeting" },
          { value: "enabledExceptAnonymous", label: "Everybody but guests" },
          { value: "disabled", label: "Nobody writes" },
        ],
      },
    ],
  },
  {
    title: "What is said and written down",
    text: "An organizer can switch recording and transcription off for a meeting, not on.",
    fields: [
      {
        kind: "switch",
        group: "policy",
        name: "allowCaptions",
        title: "AllowCaptions",
        label: "Captions",
        hint: "Everybody inside can have what is said shown as text, where the server has a recogniser.",
      },
      {
        kind: "switch",
        group: "policy",
        name: "allowCloudRecording",
        title: "AllowCloudRecording",
        label: "Recording",
        hint: "Who runs a meeting can announce that it is recorded.",
      },
      {
        kind: "switch",
        group: "policy",
        name: "groupCallRecording",
        title: "GroupCallRecording",
        label: "Recording of group calls",
        hint: "Nobody runs a group call: anybody in it could announce a recording.",
      },
      {
        kind: "switch",
        group: "policy",
        name: "allowTranscription",
        title: "AllowTranscription",
        label: "Transcription",
        hint: "Who runs a meeting can have what is said written down; applications read it.",
      },
      {
        kind: "switch",
        group: "policy",
        name: "explicitRecordingConsent",
        title: "ExplicitRecordingConsent",
        label: "Ask everybody to agree",
        hint: "Whoever has not agreed sends neither sound nor picture while a recording or transcription runs.",
      },
      {
        kind: "switch",
        group: "policy",
        name: "realTimeText",
        title: "RealTimeText",
        label: "Real-time text",
        hint: "People can type into the call, letter by letter.",
      },
    ],
  },
  {
    title: "What guests may use",
    text: "Features that are kept for members unless you open them.",
    fields: [
      {
        kind: "switch",
        group: "policy",
        name: "guestRaisedHand",
        title: "GuestRaisedHand",
        label: "Raise a hand",
        hint: "Guests can ask for the floor.",
      },
      {
        kind: "switch",
        group: "policy",
        name: "guestsCallMembers",
        title: "GuestsCallMembers",
        label: "Call members",
        hint: "Guests of applications can ring people of the organization. Members can ring guests either way.",
      },
      {
        kind: "switch",
        group: "policy",
        name: "guestTogetherView",
        title: "GuestTogetherView",
        label: "Together view",
        hint: "Guests see it; those who were made presenters may begin it. Otherwise it is for people with an account.",
      },
      {
        kind: "switch",
        group: "policy",
        name: "guestBreakoutRooms",
        title: "GuestBreakoutRooms",
        label: "Breakout rooms",
        hint: "Guests join the rooms that they are assigned to. Otherwise they stay in the meeting and are told of no room.",
      },
    ],
  },
];
