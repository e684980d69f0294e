/** Captions, recording and transcription: somebody speaks into a browser, somebody else reads it in another. */
import type { House } from '../house.js';
import { type Bench, type Person, expect, test } from './bench.js';
import { flow, packets, stands } from './flow.js';
import { SENTENCE, spoken } from './voice.js';

const CAPTIONS = 'Features.Captions.captions';

interface Info {
  resultType: 'Partial' | 'Final';
  speaker: { identifier: unknown; displayName: string };
  spokenLanguage: string;
  spokenText: string;
  captionText?: string;
  captionLanguage?: string;
}

const speaker = (bench: Bench, house: House, name: string): Promise<Person> => bench.person({ kind: 'guest', name, audioFile: spoken(house.dir) });

const startCaptions = (person: Person): Promise<void> => person.run(() => sdk.call.feature(sdk.module.Features.Captions).captions.startCaptions({ spokenLanguage: 'en-us' }));

/** Waits for words of the sentence; browsers process sound, so not every repetition is understood whole. */
const reads = (person: Person, kind: Info['resultType']): Promise<Info> =>
  person.waitEvent<Info>(CAPTIONS, 'CaptionsReceived', ({ resultType, spokenText }) => resultType === kind && SENTENCE.split(' ').some((word) => spokenText.includes(word)));

test('a guest reads what another guest says, first partly, then finally', async ({ bench, house }) => {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.events(CAPTIONS, 'CaptionsReceived');
  await anna.enters(meeting.byLink, { muted: true });
  const maria = await speaker(bench, house, 'Maria');
  await maria.enters(meeting.byLink);
  const jose = await bench.person({ kind: 'guest', name: 'José' });
  await jose.events(CAPTIONS, 'CaptionsReceived', 'CaptionsActiveChanged');
  await jose.enters(meeting.byLink, { muted: true });
  await startCaptions(jose);
  await jose.waitEvent(CAPTIONS, 'CaptionsActiveChanged');
  expect(await jose.run(() => sdk.call.feature(sdk.module.Features.Captions).captions.isCaptionsFeatureActive)).toBe(true);
  const partly = await reads(jose, 'Partial');
  const finally_ = await reads(jose, 'Final');
  expect(partly.speaker.displayName).toBe('Maria');
  expect(finally_).toMatchObject({ speaker: { identifier: maria.id, displayName: 'Maria' }, spokenLanguage: 'en-us', captionLanguage: 'en-us' });
  expect(finally_.captionText).toBe(finally_.spokenText);
  expect(anna.heard(CAPTIONS, 'CaptionsReceived'), 'who did not ask for captions has none').toEqual([]);
});

test('whoever is muted is not listened to, while somebody else is, and again when not', async ({ bench, house }) => {
  const meeting = await bench.openMeeting();
  const [maria, ben] = await Promise.all([speaker(bench, house, 'Maria'), speaker(bench, house, 'Ben')]);
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.events(CAPTIONS, 'CaptionsReceived');
  await anna.enters(meeting.byLink, { muted: true });
  await maria.enters(meeting.byLink, { muted: true });
  await ben.enters(meeting.byLink);
  await startCaptions(anna);
  const finals = (): Info[] => (anna.heard(CAPTIONS, 'CaptionsReceived') as Info[]).filter(({ resultType }) => resultType === 'Final');
  await expect.poll(() => finals().length, { timeout: 60_000, message: 'two sentences of Ben' }).toBeGreaterThan(1);
  expect(new Set(finals().map(({ speaker: { displayName } }) => displayName))).toEqual(new Set(['Ben']));
  await maria.run(() => sdk.call.unmute());
  await anna.waitEvent<Info>(CAPTIONS, 'CaptionsReceived', (info) => info.speaker.displayName === 'Maria' && info.resultType === 'Final');
});

test('who waits in the lobby reads nothing, and everything once inside', async ({ bench, house }) => {
  const meeting = await bench.meeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.events(CAPTIONS, 'CaptionsReceived');
  await anna.enters(meeting.byLink, { muted: true });
  const maria = await speaker(bench, house, 'Maria');
  await maria.join(meeting.byLink);
  await maria.state('InLobby');
  await anna.admits(maria);
  await maria.state('Connected');
  await startCaptions(anna);
  const jose = await bench.person({ kind: 'guest', name: 'José' });
  await jose.events(CAPTIONS, 'CaptionsReceived');
  await jose.join(meeting.byLink);
  await jose.state('InLobby');
  await reads(anna, 'Final');
  const refusal = await jose.refused(() => sdk.call.feature(sdk.module.Features.Captions).captions.startCaptions());
  expect(refusal.subCode).toBe(46600);
  expect(jose.heard(CAPTIONS, 'CaptionsReceived')).toEqual([]);
  await anna.admits(jose);
  await jose.state('Connected');
  await startCaptions(jose);
  await reads(jose, 'Final');
});

test('a policy that forbids captions ends them and refuses them, and they come back with it', async ({ bench, house }) => {
  const policy = (allowCaptions: boolean): Promise<unknown> => bench.desk.settings({ policy: { allowCaptions } });
  try {
    const meeting = await bench.openMeeting();
    const anna = await bench.person({ kind: 'member', member: 0 });
    await anna.enters(meeting.byLink, { muted: true });
    const maria = await speaker(bench, house, 'Maria');
    await maria.events(CAPTIONS, 'CaptionsActiveChanged', 'CaptionsReceived');
    await maria.enters(meeting.byLink);
    await startCaptions(maria);
    await reads(maria, 'Final');
    await policy(false);
    await maria.until(() => !sdk.call.feature(sdk.module.Features.Captions).captions.isCaptionsFeatureActive);
    expect(await maria.run(() => sdk.call.feature(sdk.module.Features.Capabilities).capabilities.startLiveMeetingCaptions)).toEqual({ isPresent: false, reason: 'UserPolicyRestricted' });
    expect((await maria.refused(() => sdk.call.feature(sdk.module.Features.Captions).captions.startCaptions())).subCode).toBe(46731);
    await policy(true);
    await maria.until(() => sdk.call.feature(sdk.module.Features.Capabilities).capabilities.startLiveMeetingCaptions.isPresent);
    await startCaptions(maria);
  } finally {
    await policy(true);
  }
});

test('a recording is seen by everybody, and who has not agreed is neither heard nor seen until they do', async ({ bench }) => {
  const before = await bench.desk.settings({ policy: { explicitRecordingConsent: true } });
  try {
    const meeting = await bench.openMeeting();
    const anna = await bench.person({ kind: 'member', member: 0 });
    await anna.enters(meeting.byLink);
    const maria = await bench.person({ kind: 'guest', name: 'Maria' });
    await maria.events('Features.Recording', 'isRecordingActiveChanged');
    await maria.enters(meeting.byLink, { camera: true });
    await anna.meets(maria);
    await anna.hears();
    await anna.decodes(maria);
    expect((await maria.refused(() => sdk.call.meeting?.setRecording(true))).subCode).toBe(46736);
    await anna.run(() => sdk.call.meeting?.setRecording(true));
    await maria.waitEvent('Features.Recording', 'isRecordingActiveChanged');
    const state = (): Promise<unknown> => maria.run(() => [sdk.call.feature(sdk.module.Features.Recording).isRecordingActive, sdk.call.feature(sdk.module.Features.Recording).isTeamsConsentRequired]);
    expect(await state()).toEqual([true, true]);
    await anna.until((id) => sdk.participant(id)?.isMuted === true, maria.id);
    await anna.until((id) => sdk.participant(id)?.videoStreams.every(({ isAvailable }) => !isAvailable), maria.id);
    expect((await maria.refused(() => sdk.call.unmute())).subCode).toBe(46739);
    const film = async () => {
      const [camera] = await sdk.devices.getCameras();
      await sdk.call.startVideo(new sdk.module.LocalVideoStream(camera!));
    };
    expect((await maria.refused(film)).subCode).toBe(46739);
    // Anna, who began it, is heard meanwhile.
    const heard = async (): Promise<number> => packets(await flow(maria));
    await stands(async () => packets(await flow(anna)), heard, 150, 'neither sound nor pictures arrive from somebody who has not agreed');
    await maria.run(() => sdk.call.feature(sdk.module.Features.Recording).grantTeamsConsent());
    await maria.until(() => !sdk.call.feature(sdk.module.Features.Recording).isTeamsConsentRequired);
    await maria.run(() => sdk.call.unmute());
    await maria.run(film);
    await anna.until((id) => sdk.participant(id)?.isMuted === false, maria.id);
    await Promise.all([anna.hears(), anna.decodes(maria)]);
    await anna.run(() => sdk.call.meeting?.setRecording(false));
    await maria.until(() => !sdk.call.feature(sdk.module.Features.Recording).isRecordingActive);
    // A transcription asks for its own consent, and a guest cannot begin one.
    expect((await maria.refused(() => sdk.call.meeting?.setTranscription(true))).subCode).toBe(46736);
    await anna.run(() => sdk.call.meeting?.setTranscription(true));
    await maria.until(() => sdk.call.feature(sdk.module.Features.Transcription).isTranscriptionActive);
    expect((await maria.refused(() => sdk.call.unmute())).subCode).toBe(46739);
    await stands(async () => packets(await flow(anna)), heard, 150, 'nothing arrives until she agrees to the transcription');
    await maria.run(() => sdk.call.feature(sdk.module.Features.Transcription).grantTeamsConsent());
    await maria.until(() => !sdk.call.feature(sdk.module.Features.Transcription).isTeamsConsentRequired);
    await maria.run(() => sdk.call.unmute());
    await anna.hears();
  } finally {
    await bench.desk.settings({ policy: before.policy });
  }
});

test('who owes consent is not captioned while speaking, somebody who has agreed is, and so are they once they agree', async ({ bench, house }) => {
  await bench.policy({ explicitRecordingConsent: true });
  const meeting = await bench.openMeeting();
  const [maria, ben] = await Promise.all([speaker(bench, house, 'Maria'), speaker(bench, house, 'Ben')]);
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.events(CAPTIONS, 'CaptionsReceived');
  await anna.enters(meeting.byLink, { muted: true });
  for (const person of [maria, ben]) await person.enters(meeting.byLink);
  await Promise.all([anna.meets(maria), anna.meets(ben)]);
  await anna.run(() => sdk.call.meeting?.setTranscription(true));
  for (const person of [maria, ben]) await person.until(() => sdk.call.feature(sdk.module.Features.Transcription).isTeamsConsentRequired);
  const agree = async (person: Person): Promise<void> => {
    await person.run(() => sdk.call.feature(sdk.module.Features.Transcription).grantTeamsConsent());
    await person.until(() => !sdk.call.feature(sdk.module.Features.Transcription).isTeamsConsentRequired);
    await person.run(() => sdk.call.unmute());
  };
  await agree(ben);
  // Her microphone hears the sentence all the time, and her client does not give up.
  expect((await maria.refused(() => sdk.call.unmute())).subCode).toBe(46739);
  await startCaptions(anna);
  const finals = (): Info[] => (anna.heard(CAPTIONS, 'CaptionsReceived') as Info[]).filter(({ resultType }) => resultType === 'Final');
  await expect.poll(() => finals().length, { timeout: 60_000, message: 'two sentences of Ben' }).toBeGreaterThan(1);
  const speakers = (): Set<string> => new Set((anna.heard(CAPTIONS, 'CaptionsReceived') as Info[]).map(({ speaker: { displayName } }) => displayName));
  expect(speakers()).toEqual(new Set(['Ben']));
  expect((await maria.refused(() => sdk.call.unmute())).subCode).toBe(46739);
  await agree(maria);
  await anna.waitEvent<Info>(CAPTIONS, 'CaptionsReceived', (info) => info.speaker.displayName === 'Maria' && info.resultType === 'Final');
});
