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

/** Whether the person had the capability and has it no more. */
export function capabilityLost(before: readonly Capability[] = [], after: readonly Capability[] = [], name: ParticipantCapabilityName): boolean {
  const has = (record: readonly Capability[]): boolean => record.some((entry) => entry.name === name && entry.state.isPresent);
  return has(before) && !has(after);
}

/** What changed, and why. */
export interface CapabilityChange {
  readonly oldValue: Partial<ParticipantCapabilities>;
  readonly newValue: Partial<ParticipantCapabilities>;
  readonly reason: CapabilitiesChangedReason;
}

/** What differs between two records, one change for each reason, none when nothing differs. With a new role (and the first time) the role is
 * the reason for everything; otherwise a person's policy for what that policy keeps or kept from them, and the meeting for the rest. */
export function capabilityChanges(before: ParticipantCapabilities, after: ParticipantCapabilities, roleChanged: boolean): CapabilityChange[] {
  const changes = new Map<CapabilitiesChangedReason, CapabilityChange>();
  for (const name of NAMES) {
    const [old, now] = [before[name], after[name]];
    if (old.isPresent === now.isPresent && old.reason === now.reason) continue;
    const byPolicy = old.reason === 'UserPolicyRestricted' || now.reason === 'UserPolicyRestricted';
    const reason = roleChanged ? 'RoleChanged' : byPolicy ? 'UserPolicyChanged' : 'MeetingOptionOrOrganizerPolicyChanged';
    const change = changes.get(reason) ?? { oldValue: {}, newValue: {}, reason };
    change.oldValue[name] = { ...old };
    change.newValue[name] = { ...now };
    changes.set(reason, change);
  }
  return [...changes.values()];
}
