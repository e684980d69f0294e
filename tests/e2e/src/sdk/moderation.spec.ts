/**
 * What those who run a meeting do to everybody's stage, and what everybody does on it: reactions, spotlight, media access, raised hands, dominant
 * speakers. Each is seen by another browser, and refused where role, option or policy forbids it.
 */
import { expect, test } from './bench.js';
import type { Person } from './bench.js';
import { flow, packets, stands } from './flow.js';
import { gather } from './gather.js';

/** Starts the first camera. */
const film = async (): Promise<void> => {
  const [camera] = await sdk.devices.getCameras();
  if (camera) await sdk.call.startVideo(new sdk.module.LocalVideoStream(camera));
};

test('a reaction is seen by everybody, the one who reacts included, and refused when the organizer has them off', async ({ bench }) => {
  const { meeting, anna, maria, jose } = await gather(bench, { muted: true });
  for (const person of [anna, maria, jose]) await person.events('Features.Reaction', 'reaction');
  await maria.run(() => sdk.call.feature(sdk.module.Features.Reaction).sendReaction({ reactionType: 'heart' }));
  for (const person of [anna, maria, jose]) {
    const seen = await person.waitEvent('Features.Reaction', 'reaction');
    expect(seen).toEqual({ identifier: maria.id, reactionMessage: { reactionType: 'heart' } });
  }

  const allowed = (wanted: boolean) => sdk.call.feature(sdk.module.Features.Capabilities).capabilities.useReactions.isPresent === wanted;
  const applaud = () => sdk.call.feature(sdk.module.Features.Reaction).sendReaction({ reactionType: 'applause' });
  await bench.desk.graph(0, 'PATCH', `/me/onlineMeetings/${meeting.id}`, { allowTeamworkReactions: false });
  await maria.until(allowed, false);
  const refusal = await maria.refused(applaud);
  expect([refusal.code, refusal.reason]).toEqual([403, 'reactionsForbidden']);
  await bench.desk.graph(0, 'PATCH', `/me/onlineMeetings/${meeting.id}`, { allowTeamworkReactions: true });
  await maria.until(allowed, true);
  await maria.run(applaud);
  for (const person of [anna, jose]) {
    await person.waitEvent<{ reactionMessage: { reactionType: string } }>('Features.Reaction', 'reaction', (event) => event.reactionMessage.reactionType === 'applause');
  }
  expect(anna.heard('Features.Reaction', 'reaction')).toHaveLength(2);
});

test('who reacts without end is told to slow down, and the others see only what passed', async ({ bench }) => {
  const { anna, maria } = await gather(bench, { muted: true });
  await anna.events('Features.Reaction', 'reaction');
  const outcomes = await maria.run(async () => {
    const feature = sdk.call.feature(sdk.module.Features.Reaction);
    const sent = Array.from({ length: 12 }, () => feature.sendReaction({ reactionType: 'like' }));
    const settled = await Promise.allSettled(sent);
    return settled.map((one) => (one.status === 'fulfilled' ? 0 : (one.reason as { subCode: number }).subCode));
  });
  const passed = outcomes.filter((subCode) => subCode === 0).length;
  expect(passed).toBeGreaterThanOrEqual(5);
  expect(outcomes.filter((subCode) => subCode === 46700).length).toBe(outcomes.length - passed);
  expect(passed).toBeLessThan(12);
  await expect.poll(() => anna.heard('Features.Reaction', 'reaction').length).toBe(passed);
});

test('the organizer lights people, everybody sees them in order, a guest takes only themself out, and who leaves is out', async ({ bench }) => {
  const { meeting, anna, maria, jose } = await gather(bench, { muted: true });
  const lit = (wanted: string[]) => {
    const now = sdk.call.feature(sdk.module.Features.Spotlight).getSpotlightedParticipants();
    return JSON.stringify(now.map(({ identifier }) => sdk.common.getIdentifierRawId(identifier))) === JSON.stringify(wanted);
  };
  for (const person of [anna, maria, jose]) await person.events('Features.Spotlight', 'spotlightChanged');
  await anna.run(
    (ids) => sdk.call.feature(sdk.module.Features.Spotlight).startSpotlight(ids.map((id) => sdk.common.createIdentifierFromRawId(id))),
    [jose.id, maria.id],
  );
  for (const person of [anna, maria, jose]) {
    await person.until(lit, [jose.id, maria.id]);
    const told = await person.waitEvent('Features.Spotlight', 'spotlightChanged');
    expect(told).toEqual({ added: [{ identifier: jose.id, order: 1 }, { identifier: maria.id, order: 2 }], removed: [] });
  }
  expect(await maria.run(() => sdk.call.feature(sdk.module.Features.Spotlight).maxParticipantsToSpotlight)).toBe(7);

  const refusal = await maria.refused(() => sdk.call.feature(sdk.module.Features.Spotlight).startSpotlight());
  expect([refusal.code, refusal.reason]).toEqual([403, 'roleForbidsSpotlight']);
  await maria.refused((id) => sdk.call.feature(sdk.module.Features.Spotlight).stopSpotlight([sdk.common.createIdentifierFromRawId(id)]), jose.id);
  await maria.run(() => sdk.call.feature(sdk.module.Features.Spotlight).stopSpotlight());
  await anna.until(lit, [jose.id]);

  // Somebody who comes later is told by an event, after the roster.
  const ben = await bench.person({ kind: 'member', member: 1 });
  await ben.events('Features.Spotlight', 'spotlightChanged');
  await ben.enters(meeting.byLink, { muted: true });
  expect(await ben.waitEvent('Features.Spotlight', 'spotlightChanged')).toEqual({ added: [{ identifier: jose.id, order: 1 }], removed: [] });
  await jose.leave();
  await ben.until(lit, []);
});

test('a spotlit video is asked for first', async ({ bench }) => {
  const { anna, maria, jose } = await gather(bench, { camera: true, muted: true });
  await jose.decodes(maria);
  await anna.run((id) => sdk.call.feature(sdk.module.Features.Spotlight).startSpotlight([sdk.common.createIdentifierFromRawId(id)]), maria.id);
  await expect.poll(() => jose.witness.sent.filter((frame) => frame.includes('"subscribe"')).at(-1)).toContain('"pinned"');
  await jose.decodes(maria);
});

test('what the organizer forbids one guest stops at once and stays off until it is permitted', async ({ bench }) => {
  const { anna, maria, jose } = await gather(bench, { camera: true, othersMuted: true });
  await maria.events('call', 'mutedByOthers');
  await maria.events('Features.Capabilities', 'capabilitiesChanged');
  await jose.events('Features.MediaAccess', 'mediaAccessChanged');
  await jose.decodes(maria);
  await jose.hears();
  await anna.run(async (id) => {
    const feature = sdk.call.feature(sdk.module.Features.MediaAccess);
    const maria = [sdk.common.createIdentifierFromRawId(id)];
    await feature.forbidAudio(maria);
    await feature.forbidVideo(maria);
  }, maria.id);
  await maria.waitEvent('call', 'mutedByOthers');
  await maria.until(() => sdk.call.isMuted && !sdk.call.isLocalVideoStarted);
  interface Change { reason: string; newValue: Record<string, { isPresent: boolean; reason: string } | undefined> }
  for (const name of ['unmuteMic', 'turnVideoOn']) {
    const change = await maria.waitEvent<Change>('Features.Capabilities', 'capabilitiesChanged', ({ newValue }) => newValue[name]?.isPresent === false);
    expect([change.reason, change.newValue[name]?.reason]).toEqual(['MeetingOptionOrOrganizerPolicyChanged', 'MeetingRestricted']);
  }
  interface Told { mediaAccesses: { participant: string; isAudioPermitted: boolean; isVideoPermitted: boolean }[] }
  await jose.waitEvent<Told>('Features.MediaAccess', 'mediaAccessChanged', ({ mediaAccesses }) =>
    mediaAccesses.some((one) => one.participant === maria.id && !one.isAudioPermitted && !one.isVideoPermitted),
  );
  await jose.until((id) => sdk.participant(id)?.isMuted === true && sdk.participant(id)?.videoStreams.every(({ isAvailable }) => !isAvailable), maria.id);

  // Her own client cannot undo it.
  expect((await maria.refused(() => sdk.call.unmute())).reason).toBe('microphoneForbiddenByOther');
  expect((await maria.refused(film)).reason).toBe('cameraForbiddenByOther');
  expect((await maria.refused(() => sdk.call.feature(sdk.module.Features.MediaAccess).permitOthersAudio())).subCode).toBe(46502);
  expect((await jose.refused((id) => sdk.call.feature(sdk.module.Features.MediaAccess).forbidAudio([sdk.common.createIdentifierFromRawId(id)]), anna.id)).subCode).toBe(46502);

  await anna.run(async (id) => {
    const feature = sdk.call.feature(sdk.module.Features.MediaAccess);
    await feature.permitAudio([sdk.common.createIdentifierFromRawId(id)]);
    await feature.permitVideo([sdk.common.createIdentifierFromRawId(id)]);
  }, maria.id);
  await maria.until(() => {
    const { unmuteMic, turnVideoOn } = sdk.call.feature(sdk.module.Features.Capabilities).capabilities;
    return unmuteMic.isPresent && turnVideoOn.isPresent && sdk.call.isMuted;
  });
  await maria.run(() => sdk.call.unmute());
  await maria.run(film);
  await jose.until((id) => sdk.participant(id)?.isMuted === false, maria.id);
  await jose.decodes(maria);
});

test('what is forbidden to all holds for a guest who comes later, not for who presents, and ends with the role', async ({ bench }) => {
  const { meeting, anna, maria } = await gather(bench, { muted: true });
  await maria.events('Features.MediaAccess', 'meetingMediaAccessChanged');
  await anna.run(() => sdk.call.feature(sdk.module.Features.MediaAccess).forbidOthersVideo());
  await maria.waitEvent('Features.MediaAccess', 'meetingMediaAccessChanged', ({ meetingMediaAccess }: { meetingMediaAccess: { isVideoPermitted: boolean } }) => !meetingMediaAccess.isVideoPermitted);

  const ada = await bench.person({ kind: 'guest', name: 'Ada' });
  await ada.events('Features.MediaAccess', 'meetingMediaAccessChanged', 'mediaAccessChanged');
  await ada.enters(meeting.byLink, { camera: true, muted: true });
  expect(await ada.waitEvent('Features.MediaAccess', 'meetingMediaAccessChanged')).toEqual({ meetingMediaAccess: { isAudioPermitted: true, isVideoPermitted: false } });
  await ada.until(() => !sdk.call.isLocalVideoStarted && !sdk.call.feature(sdk.module.Features.Capabilities).capabilities.turnVideoOn.isPresent);
  const access = await ada.run(() =>
    Object.fromEntries(sdk.call.feature(sdk.module.Features.MediaAccess).getAllOthersMediaAccess().map((one) => [sdk.common.getIdentifierRawId(one.participant), one.isVideoPermitted])),
  );
  expect([access[anna.id], access[maria.id]]).toEqual([true, false]);
  await anna.meets(ada);
  await anna.until((id) => sdk.participant(id)?.videoStreams.every(({ isAvailable }) => !isAvailable), ada.id);

  const wrong = await anna.refused((id) => sdk.call.feature(sdk.module.Features.MediaAccess).forbidVideo([sdk.common.createIdentifierFromRawId(id)]), anna.id);
  expect([wrong.code, wrong.subCode]).toEqual([403, 46504]);

  await ada.events('Features.Capabilities', 'capabilitiesChanged');
  await anna.run((id) => sdk.call.meeting?.setRole(sdk.common.createIdentifierFromRawId(id), 'Presenter'), ada.id);
  const change = await ada.waitEvent<{ reason: string; newValue: { turnVideoOn?: { isPresent: boolean } } }>('Features.Capabilities', 'capabilitiesChanged');
  expect([change.reason, change.newValue.turnVideoOn?.isPresent]).toEqual(['RoleChanged', true]);
  await ada.run(film);
  await anna.decodes(ada);
});

test('sound and pictures forbidden to all stop at every guest, and both come back when they are permitted', async ({ bench }) => {
  const { anna, maria, jose } = await gather(bench, { camera: true, othersMuted: true });
  await maria.events('call', 'mutedByOthers');
  await anna.decodes(maria);
  await anna.hears();
  await anna.run(async () => {
    await sdk.call.feature(sdk.module.Features.MediaAccess).forbidOthersAudio();
    await sdk.call.feature(sdk.module.Features.MediaAccess).forbidOthersVideo();
  });
  await maria.waitEvent('call', 'mutedByOthers');
  for (const guest of [maria, jose]) {
    await guest.until(() => {
      const { unmuteMic, turnVideoOn } = sdk.call.feature(sdk.module.Features.Capabilities).capabilities;
      return sdk.call.isMuted && !sdk.call.isLocalVideoStarted && !unmuteMic.isPresent && !turnVideoOn.isPresent;
    });
    expect((await guest.refused(() => sdk.call.unmute())).reason).toBe('microphoneForbiddenByOther');
    expect((await guest.refused(film)).reason).toBe('cameraForbiddenByOther');
  }
  await anna.until((id) => sdk.participant(id)?.isMuted === true && sdk.participant(id)?.videoStreams.every(({ isAvailable }) => !isAvailable), maria.id);
  // Who forbids it may speak, and is heard meanwhile.
  await anna.run(() => sdk.call.unmute());
  const received = (person: Person) => async (): Promise<number> => packets(await flow(person));
  await stands(received(anna), received(maria), 150, 'nothing of the guests arrives');

  await anna.run(() => sdk.call.feature(sdk.module.Features.MediaAccess).permitOthersAudio());
  await maria.until(() => sdk.call.feature(sdk.module.Features.Capabilities).capabilities.unmuteMic.isPresent);
  expect((await maria.refused(film)).reason).toBe('cameraForbiddenByOther');
  expect(await maria.run(() => sdk.call.isMuted), 'to permit unmutes nobody').toBe(true);
  await maria.run(() => sdk.call.unmute());
  await anna.hears();
  await anna.run(() => sdk.call.feature(sdk.module.Features.MediaAccess).permitOthersVideo());
  await maria.until(() => sdk.call.feature(sdk.module.Features.Capabilities).capabilities.turnVideoOn.isPresent);
  await maria.run(film);
  await Promise.all([anna.decodes(maria), jose.decodes(maria)]);
});

test('hands come in order and are lowered by those who run the meeting; guests raise theirs where the policy opens it', async ({ bench }) => {
  const { meeting, anna, maria, jose } = await gather(bench, { muted: true });
  const ben = await bench.person({ kind: 'member', member: 1 });
  await ben.enters(meeting.byLink, { muted: true });
  const raise = () => sdk.call.feature(sdk.module.Features.RaiseHand).raiseHand();
  const hands = (wanted: string[]) => {
    const now = sdk.call.feature(sdk.module.Features.RaiseHand).getRaisedHands();
    return JSON.stringify(now.map(({ identifier, order }) => `${String(order)} ${sdk.common.getIdentifierRawId(identifier)}`)) === JSON.stringify(wanted.map((id, at) => `${String(at + 1)} ${id}`));
  };
  for (const person of [anna, maria]) await person.events('Features.RaiseHand', 'raisedHandEvent', 'loweredHandEvent');
  await maria.events('Features.Capabilities', 'capabilitiesChanged');
  const refusal = await maria.refused(raise);
  expect([refusal.code, refusal.subCode]).toEqual([403, 45802]);
  await ben.run(raise);
  await anna.until(hands, [ben.id]);

  const before = await bench.desk.settings({ policy: { guestRaisedHand: true } });
  try {
    interface Change { reason: string; newValue: { raiseHand?: { isPresent: boolean } } }
    const change = await maria.waitEvent<Change>('Features.Capabilities', 'capabilitiesChanged', ({ newValue }) => newValue.raiseHand?.isPresent === true);
    expect(change.reason).toBe('UserPolicyChanged');
    await maria.run(raise);
    await anna.until(hands, [ben.id, maria.id]);
    await jose.run(raise);
    for (const person of [anna, maria, ben]) await person.until(hands, [ben.id, maria.id, jose.id]);
    const others = await maria.refused((id) => sdk.call.feature(sdk.module.Features.RaiseHand).lowerHands([sdk.common.createIdentifierFromRawId(id)]), ben.id);
    expect([others.code, others.subCode]).toEqual([403, 46610]);
    await anna.run((id) => sdk.call.feature(sdk.module.Features.RaiseHand).lowerHands([sdk.common.createIdentifierFromRawId(id)]), ben.id);
    await maria.waitEvent('Features.RaiseHand', 'loweredHandEvent', ({ identifier }: { identifier: string }) => identifier === ben.id);
    await maria.until(hands, [maria.id, jose.id]);
    await anna.run(() => sdk.call.feature(sdk.module.Features.RaiseHand).lowerAllHands());
    await jose.until(hands, []);
  } finally {
    await bench.desk.settings({ policy: before.policy });
  }
});

test('who speaks dominates, with the time at which it began, and somebody who comes later is told', async ({ bench }) => {
  const started = Date.now();
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { muted: true });
  await anna.events('Features.DominantSpeakers', 'dominantSpeakersChanged');
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  // The fake microphone beeps.
  await maria.enters(meeting.byLink, { muted: false });
  await anna.until((id) => {
    const { speakersList } = sdk.call.feature(sdk.module.Features.DominantSpeakers).dominantSpeakers;
    return speakersList.length > 0 && speakersList.every((one) => sdk.common.getIdentifierRawId(one) === id);
  }, maria.id);
  await anna.waitEvent('Features.DominantSpeakers', 'dominantSpeakersChanged');
  const since = (person: Person): Promise<number> => person.run(() => sdk.call.feature(sdk.module.Features.DominantSpeakers).dominantSpeakers.timestamp.getTime());
  const told = await since(anna);
  expect(told).toBeGreaterThanOrEqual(started - 1_000);
  expect(told).toBeLessThanOrEqual(Date.now() + 1_000);
  // She does not find herself in her list.
  expect(await maria.run(() => sdk.call.feature(sdk.module.Features.DominantSpeakers).dominantSpeakers.speakersList.length)).toBe(0);

  const jose = await bench.person({ kind: 'guest', name: 'Jose' });
  await jose.enters(meeting.byLink, { muted: true });
  await jose.until((id) => sdk.call.feature(sdk.module.Features.DominantSpeakers).dominantSpeakers.speakersList.some((one) => sdk.common.getIdentifierRawId(one) === id), maria.id);
  expect(await since(jose)).toBe(await since(anna));
  await maria.leave();
  await jose.until(() => sdk.call.feature(sdk.module.Features.DominantSpeakers).dominantSpeakers.speakersList.length === 0);
});
