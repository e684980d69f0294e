/** Calls in rooms: two and more browsers, roles from the official rooms client, and what it changes while the call is held. */
import { type Person, expect, test as base } from './bench.js';
import { RoomsDesk } from './rooms-desk.js';

const test = base.extend<{ rooms: RoomsDesk }>({
  rooms: async ({ house }, use) => {
    await use(new RoomsDesk(house));
  },
});

const HOUR = 3_600_000;

const role = (person: Person): Promise<string> => person.run(() => sdk.call.role);
const shares = (person: Person): Promise<void> => person.run(() => sdk.call.startScreenSharing());
const capability = (person: Person, name: 'shareScreen' | 'unmuteMic' | 'removeParticipant' | 'manageLobby'): Promise<unknown> =>
  person.run((key) => sdk.call.feature(sdk.module.Features.Capabilities).capabilities[key], name);

test('a presenter shares the screen and an attendee sees it, and does not share', async ({ bench, rooms }) => {
  const doctor = await bench.person({ kind: 'guest', name: 'Doctor' });
  const patient = await bench.person({ kind: 'guest', name: 'Patient' });
  const room = await rooms.make({ [doctor.id]: 'Presenter', [patient.id]: 'Attendee' });
  await patient.enters(room, { camera: true });
  await doctor.enters(room, { camera: true });
  await Promise.all([doctor.meets(patient), patient.meets(doctor)]);
  await Promise.all([doctor.decodes(patient), patient.decodes(doctor), doctor.hears()]);
  expect([await role(doctor), await role(patient)]).toEqual(['Presenter', 'Attendee']);
  expect(await patient.run((id) => sdk.participant(id)?.role, doctor.id)).toBe('Presenter');

  const refusal = await patient.refused(() => sdk.call.startScreenSharing());
  expect([refusal.code, refusal.subCode]).toEqual([403, 46611]);
  expect(await capability(patient, 'shareScreen')).toEqual({ isPresent: false, reason: 'RoleRestricted' });
  expect(await capability(doctor, 'shareScreen')).toEqual({ isPresent: true, reason: 'Capable' });
  await shares(doctor);
  await patient.decodes(doctor, 'ScreenSharing');

  // A room is no meeting: no lobby, no chat.
  expect(await doctor.run(() => [sdk.call.lobby === undefined, sdk.call.info.threadId === undefined])).toEqual([true, true]);
  expect(await capability(doctor, 'manageLobby')).toEqual({ isPresent: false, reason: 'CapabilityNotApplicableForTheCallType' });
});

test('a presenter mutes and removes; an attendee does neither', async ({ bench, rooms }) => {
  const doctor = await bench.person({ kind: 'guest', name: 'Doctor' });
  const patient = await bench.person({ kind: 'guest', name: 'Patient' });
  const room = await rooms.make({ [doctor.id]: 'Presenter', [patient.id]: 'Attendee' });
  await doctor.enters(room);
  await patient.events('call', 'mutedByOthers');
  await patient.enters(room);
  await Promise.all([doctor.meets(patient), patient.meets(doctor)]);
  const mute = await patient.refused((id) => sdk.participant(id as string)?.mute(), doctor.id);
  expect(mute.subCode).toBe(46604);
  const removal = await patient.refused((id) => sdk.call.removeParticipant({ communicationUserId: id as string }), doctor.id);
  expect(removal.subCode).toBe(46605);
  await doctor.run((id) => sdk.participant(id)?.mute(), patient.id);
  await patient.waitEvent('call', 'mutedByOthers');
  await doctor.run((id) => sdk.call.removeParticipant({ communicationUserId: id }), patient.id);
  expect(await patient.endReason()).toMatchObject({ code: 0, subCode: 5300 });
  await doctor.misses(patient);
});

test('who is not invited is refused, and enters once invited; who is taken out is out at once', async ({ bench, rooms }) => {
  const doctor = await bench.person({ kind: 'guest', name: 'Doctor' });
  const patient = await bench.person({ kind: 'guest', name: 'Patient' });
  const room = await rooms.make({ [doctor.id]: 'Presenter' });
  await doctor.enters(room);
  await patient.join(room);
  expect(await patient.endReason()).toMatchObject({ code: 403, subCode: 5828 });
  await rooms.put(room, { [patient.id]: 'Attendee' });
  await patient.enters(room);
  await doctor.meets(patient);
  await rooms.remove(room, patient.id);
  expect(await patient.endReason()).toMatchObject({ code: 0, subCode: 5317 });
  await doctor.misses(patient);
  expect(await doctor.run(() => sdk.call.state)).toBe('Connected');
});

test('a consumer sees and hears and sends nothing, and a changed role acts at once', async ({ bench, rooms }) => {
  const speaker = await bench.person({ kind: 'guest', name: 'Speaker' });
  const viewer = await bench.person({ kind: 'guest', name: 'Viewer' });
  const room = await rooms.make({ [speaker.id]: 'Presenter', [viewer.id]: 'Consumer' });
  await speaker.enters(room, { camera: true });
  await viewer.enters(room);
  await viewer.decodes(speaker);
  await viewer.hears();
  expect(await role(viewer)).toBe('Consumer');
  expect(await speaker.run((id) => sdk.participant(id)?.isMuted, viewer.id)).toBe(true);
  expect(await capability(viewer, 'unmuteMic')).toEqual({ isPresent: false, reason: 'RoleRestricted' });
  const unmute = await viewer.refused(() => sdk.call.unmute());
  expect(unmute.subCode).toBe(46720);
  const video = await viewer.refused(async () => {
    const [camera] = await sdk.devices.getCameras();
    await sdk.call.startVideo(new sdk.module.LocalVideoStream(camera!));
  });
  expect(video.subCode).toBe(46720);

  await rooms.put(room, { [viewer.id]: 'Collaborator' });
  await viewer.waitEvent('call', 'roleChanged', (payload) => (payload as unknown) === 'Collaborator');
  await viewer.run(() => sdk.call.unmute());
  await speaker.hears();
  await shares(viewer);
  await speaker.decodes(viewer, 'ScreenSharing');
  // What the role no longer allows ends by itself.
  await rooms.put(room, { [viewer.id]: 'Attendee' });
  await speaker.until((id) => !sdk.participant(id)?.videoStreams.some((stream) => stream.mediaStreamType === 'ScreenSharing' && stream.isAvailable), viewer.id);
});

test('a room that does not exist, is not open, or is for others than members is not entered', async ({ bench, rooms }) => {
  const guest = await bench.person({ kind: 'guest', name: 'Guest' });
  await guest.join({ roomId: '99199690362660524' });
  expect(await guest.endReason()).toMatchObject({ code: 404, subCode: 5732 });
  const later = await rooms.make({ [guest.id]: 'Attendee' }, { validFrom: new Date(Date.now() + HOUR), validUntil: new Date(Date.now() + 2 * HOUR) });
  await guest.join(later);
  expect(await guest.endReason()).toMatchObject({ code: 403, subCode: 5829 });
  const member = await bench.person({ kind: 'member', member: 0 });
  const open = await rooms.make({ [guest.id]: 'Attendee' });
  await member.join(open as never);
  expect(await member.endReason()).toMatchObject({ code: 403, subCode: 5830 });
  await guest.enters(open);
  await rooms.delete(open);
  expect(await guest.endReason()).toMatchObject({ code: 0, subCode: 5003 });
});
