/**
 * Reads what the meeting's features say into the view. Pure, as `read.ts`, of which it is a part: called for a call that is inside only.
 */
import { Features, type CallCommon, type ParticipantCapabilities } from "@anteroom/calling";
import { getIdentifierRawId } from "@azure/communication-common";
import type { BreakoutView, FeaturesView, MediaRights } from "./view";

/** Places in the spotlight by raw id, 1 first. */
export function spotlightOf(call: CallCommon): ReadonlyMap<string, number> {
  const shown = call.feature(Features.Spotlight).getSpotlightedParticipants();
  return new Map(shown.map(({ identifier, order }, index) => [getIdentifierRawId(identifier), order ?? index + 1]));
}

/** What each of the others may send, by raw id. */
export function accessOf(call: CallCommon): ReadonlyMap<string, MediaRights> {
  const all = call.feature(Features.MediaAccess).getAllOthersMediaAccess();
  return new Map(all.map(({ participant, isAudioPermitted, isVideoPermitted }) => [getIdentifierRawId(participant), { microphone: isAudioPermitted, camera: isVideoPermitted }]));
}

export function featuresOf(call: CallCommon, capabilities: ParticipantCapabilities): FeaturesView {
  const recording = call.feature(Features.Recording);
  const transcription = call.feature(Features.Transcription);
  const attendees = call.feature(Features.MediaAccess).getMeetingMediaAccess();
  return {
    attendees: { microphone: attendees.isAudioPermitted, camera: attendees.isVideoPermitted },
    captions: {
      // Without a recogniser there is nothing to offer; where a policy forbids them, the reason is worth a look.
      offered: capabilities.startLiveMeetingCaptions.isPresent || capabilities.startLiveMeetingCaptions.reason === "UserPolicyRestricted",
      on: call.feature(Features.Captions).captions.isCaptionsFeatureActive,
    },
    recording: recording.isRecordingActive,
    transcribing: transcription.isTranscriptionActive,
    consent: { recording: recording.isTeamsConsentRequired, transcription: transcription.isTeamsConsentRequired },
    together: call.feature(Features.TogetherMode).togetherModeStream[0],
    breakout: breakoutOf(call),
  };
}

function breakoutOf(call: CallCommon): BreakoutView {
  const { assignedBreakoutRooms: assigned, breakoutRoomsSettings: settings } = call.feature(Features.BreakoutRooms);
  const ends = Date.parse(settings?.roomEndTime ?? "");
  return {
    // Settings are told in the call of a room only.
    inRoom: settings !== undefined,
    mayReturn: settings?.disableReturnToMainMeeting !== true,
    ends: Number.isNaN(ends) ? undefined : ends,
    assigned:
      assigned === undefined ? undefined : { name: assigned.displayName, open: assigned.state === "open", moves: assigned.autoMoveParticipantToBreakoutRoom },
    rooms: (call.meeting?.breakout.rooms ?? []).map(({ id, displayName, isOpen, invitees }) => ({
      id,
      name: displayName,
      open: isOpen,
      people: invitees.map(getIdentifierRawId),
    })),
  };
}
