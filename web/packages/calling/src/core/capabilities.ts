// The capability record: always complete, never shared. Pure; tests: test/features.test.ts ("capabilities").
import type { CapabilitiesChangedReason, ParticipantCapabilities, ParticipantCapabilityName } from '../public/types/features-meeting';
import type { Capability } from '../wire';

const NAMES: readonly ParticipantCapabilityName[] = [
  'turnVideoOn',
  'unmuteMic',
  'shareScreen',
  'removeParticipant',
  'hangUpForEveryOne',
  'addCommunicationUser',
  'addTeamsUser',
  'addPhoneNumber',
  'manageLobby',
  'spotlightParticipant',
  'removeParticipantsSpotlight',
  'blurBackground',
  'startLiveMeetingCaptions',
  'startLiveCallingCaptions',
  'setCaptionLanguage',
  'raiseHand',
  'pstnDialOut',
  'muteOthers',
  'useReactions',
  'viewAttendeeNames',
  'startTogetherMode',
  'joinBreakoutRooms',
  'forbidOthersAudio',
  'forbidOthersVideo',
  'realTimeText',
];

/** The record before the server said anything, or with what it said. */
export function capabilityRecord(told: readonly Capability[] = []): ParticipantCapabilities {
  const record = {} as ParticipantCapabilities;
  for (const name of NAMES) record[name] = { isPresent: false, reason: told.length === 0 ? 'NotInitialized' : 'FeatureNotSupported' };
  for (const { name, state } of told) if (name in record) record[name] = { isPresent: state.isPresent, reason: state.reason };
  return record;
}

/** What differs between two records, or nothing. */
export function capabilityChange(
  before: ParticipantCapabilities,
  after: ParticipantCapabilities,
): { oldValue: Partial<ParticipantCapabilities>; newValue: Partial<ParticipantCapabilities> } | undefined {
  const oldValue: Partial<ParticipantCapabilities> = {};
  const newValue: Partial<ParticipantCapabilities> = {};
  for (const name of NAMES) {
    if (before[name].isPresent === after[name].isPresent && before[name].reason === after[name].reason) continue;
    oldValue[name] = { ...before[name] };
    newValue[name] = { ...after[name] };
  }
  return Object.keys(newValue).length === 0 ? undefined : { oldValue, newValue };
}

/** Why capabilities changed: the first time and with a new role it is the role, otherwise the meeting. */
export function changeReason(first: boolean, roleChanged: boolean): CapabilitiesChangedReason {
  return first || roleChanged ? 'RoleChanged' : 'MeetingOptionOrOrganizerPolicyChanged';
}
