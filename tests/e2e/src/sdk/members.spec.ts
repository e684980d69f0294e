/**
 * Members of the public surface that the other tests here have no part for: what they do is looked at in another browser, and what role or place
 * forbids is refused beside what is allowed. Sound, pictures and devices are in members-media.spec.ts.
 */
import type { BreakoutRoom, TeamsCall, TeamsCallAgent, TeamsCaptions, TeamsIncomingCall } from '@anteroom/calling';

import { type Person, expect, test } from './bench.js';
import { gather } from './gather.js';
import { spoken } from './voice.js';

test('who organizes mutes everybody else at once, not themself; a guest does not, and unmutes again', async ({ bench }) => {
  const { anna, maria, jose } = await gather(bench);
  await maria.events('call', 'isMutedChanged');
  await anna.events(`participant:${maria.id}`, 'isMutedChanged', 'isSpeakingChanged');
  await Promise.all([anna.hears(), jose.hears()]);
  const muteAll = () => sdk.call.muteAllRemoteParticipants();
  const mutes = () => sdk.call.remoteParticipants.map(({ isMuted }) => isMuted);
  expect((await maria.refused(muteAll)).subCode).toBe(46604);
  expect(await anna.run(mutes)).toEqual([false, false]);

  await anna.run(muteAll);
  for (const guest of [maria, jose]) await guest.until(() => sdk.call.isMuted);
  await maria.waitEvent<boolean>('call', 'isMutedChanged', (isMuted) => isMuted === true);
  await anna.waitEvent<boolean>(`participant:${maria.id}`, 'isMutedChanged', (isMuted) => isMuted === true);
  await anna.until(() => sdk.call.remoteParticipants.every(({ isMuted }) => isMuted));
  expect(await jose.run((id) => sdk.participant(id)?.isMuted, anna.id)).toBe(false);
  expect(await anna.run(() => sdk.call.isMuted)).toBe(false);

  anna.forget();
  await maria.run(() => sdk.call.unmute());
  await anna.waitEvent<boolean>(`participant:${maria.id}`, 'isMutedChanged', (isMuted) => isMuted === false);
  await anna.waitEvent<boolean>(`participant:${maria.id}`, 'isSpeakingChanged', (isSpeaking) => isSpeaking === true);
  await anna.hears();
});

test('a locked meeting takes nobody new, is seen as locked inside, and takes the same guest once it is open again', async ({ bench }) => {
  const { meeting, anna, maria } = await gather(bench, { muted: true });
  expect(await maria.run(() => sdk.call.meeting!.subject)).toBe('Bench');
  await maria.events('call.meeting', 'meetingChanged');
  expect((await maria.refused(() => sdk.call.meeting!.setLocked(true))).subCode).toBe(46608);
  await anna.run(() => sdk.call.meeting!.setLocked(true));
  await maria.waitEvent('call.meeting', 'meetingChanged');
  await maria.until(() => sdk.call.meeting!.locked);
  const ada = await bench.person({ kind: 'guest', name: 'Ada' });
  await ada.join(meeting.byLink, { muted: true });
  expect(await ada.endReason()).toMatchObject({ code: 403, subCode: 5916 });
  await anna.run(() => sdk.call.meeting!.setLocked(false));
  await maria.until(() => !sdk.call.meeting!.locked);
  await ada.enters(meeting.byLink, { muted: true });
  await maria.meets(ada);
});

test('a guest of an open meeting waits for it to begin, and is in when somebody has come who begins it', async ({ bench }) => {
  const meeting = await bench.openMeeting();
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  await maria.join(meeting.byLink, { muted: true });
  await maria.state('InLobby');
  expect(await maria.run(() => sdk.call.meeting!.waitsForStart)).toBe(true);
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { muted: true });
  await maria.state('Connected');
  expect(await maria.run(() => sdk.call.meeting!.waitsForStart)).toBe(false);
  await anna.meets(maria);
});

test('guests who wait are let in all at once, or one; a guest inside lets nobody in', async ({ bench }) => {
  const meeting = await bench.meeting();
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  const jose = await bench.person({ kind: 'guest', name: 'José' });
  for (const guest of [maria, jose]) {
    await guest.join(meeting.byLink, { muted: true });
    await guest.state('InLobby');
    expect(await guest.run(() => sdk.call.meeting!.waitsForStart), 'for somebody, not for the beginning').toBe(false);
  }
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.events('call.lobby', 'lobbyParticipantsUpdated');
  await anna.enters(meeting.byLink, { muted: true });
  await anna.until(() => sdk.call.lobby.participants.length === 2);
  expect((await maria.refused(() => sdk.call.lobby.admitAll())).subCode).toBe(46600);
  expect(await anna.run(() => sdk.call.lobby.admitAll())).toEqual({ successCount: 2, failureCount: 0 });
  for (const guest of [maria, jose]) await guest.state('Connected');
  await Promise.all([maria.meets(jose), jose.meets(anna)]);

  const ada = await bench.person({ kind: 'guest', name: 'Ada' });
  await ada.join(meeting.byLink, { muted: true });
  await ada.state('InLobby');
  await anna.waitEvent<{ added: { id: string }[] }>('call.lobby', 'lobbyParticipantsUpdated', ({ added }) => added.some(({ id }) => id === ada.id));
  const admit = (id: string) => sdk.call.lobby.admit(sdk.common.createIdentifierFromRawId(id));
  expect(await maria.run(() => sdk.call.lobby.participants.length)).toBe(0);
  expect((await maria.refused(admit, ada.id)).subCode).toBe(46606);
  await anna.run(admit, ada.id);
  await ada.state('Connected');
  await maria.meets(ada);
});

test('a role is told to its holder and to the others, a hand is lowered by its owner, and what is forbidden to all guests is permitted again', async ({ bench }) => {
  await bench.policy({ guestRaisedHand: true });
  const { anna, maria, jose } = await gather(bench);
  await jose.events(`participant:${maria.id}`, 'roleChanged');
  await anna.run((id) => sdk.call.meeting!.setRole(sdk.common.createIdentifierFromRawId(id), 'Presenter'), maria.id);
  await maria.waitEvent<string>('call', 'roleChanged', (role) => role === 'Presenter');
  await jose.waitEvent<string>(`participant:${maria.id}`, 'roleChanged', (role) => role === 'Presenter');
  await anna.run((id) => sdk.call.meeting!.setRole(sdk.common.createIdentifierFromRawId(id), 'Attendee'), maria.id);
  await maria.waitEvent<string>('call', 'roleChanged', (role) => role === 'Attendee');

  const hands = (wanted: number) => sdk.call.feature(sdk.module.Features.RaiseHand).getRaisedHands().length === wanted;
  await maria.run(() => sdk.call.feature(sdk.module.Features.RaiseHand).raiseHand());
  await anna.until(hands, 1);
  await maria.run(() => sdk.call.feature(sdk.module.Features.RaiseHand).lowerHand());
  await anna.until(hands, 0);

  const access = (wanted: { isAudioPermitted: boolean; isVideoPermitted: boolean }) => {
    const now = sdk.call.feature(sdk.module.Features.MediaAccess).getMeetingMediaAccess();
    return now.isAudioPermitted === wanted.isAudioPermitted && now.isVideoPermitted === wanted.isVideoPermitted;
  };
  const forbid = async () => {
    const feature = sdk.call.feature(sdk.module.Features.MediaAccess);
    await feature.forbidOthersAudio();
    await feature.forbidOthersVideo();
  };
  expect((await maria.refused(forbid)).subCode).toBe(46502);
  await anna.run(forbid);
  for (const guest of [maria, jose]) await guest.until(access, { isAudioPermitted: false, isVideoPermitted: false });
  await anna.until(() => sdk.call.remoteParticipants.every(({ isMuted }) => isMuted));
  expect((await maria.refused(() => sdk.call.unmute())).reason).toMatch(/^microphoneForbidden/);
  await anna.run(async () => {
    const feature = sdk.call.feature(sdk.module.Features.MediaAccess);
    await feature.permitOthersAudio();
    await feature.permitOthersVideo();
  });
  await maria.until(access, { isAudioPermitted: true, isVideoPermitted: true });
  await maria.run(() => sdk.call.unmute());
  await maria.run(async () => {
    const [camera] = await sdk.devices.getCameras();
    await sdk.call.startVideo(new sdk.module.LocalVideoStream(camera!));
  });
  await anna.until((id) => sdk.participant(id)?.isMuted === false, maria.id);
  await Promise.all([anna.hears(), anna.decodes(maria)]);
});

test('a recording is an object from its beginning to its end, for who is there and for who comes later; so is it told of a transcription', async ({ bench }) => {
  const { meeting, anna, maria } = await gather(bench, { muted: true });
  await maria.run(() => {
    const told: string[] = [];
    Object.assign(window, { told });
    const feature = sdk.call.feature(sdk.module.Features.Recording);
    feature.on('recordingsUpdated', ({ added, removed }) => {
      told.push(`added ${String(added.length)}, removed ${String(removed.length)}`);
      for (const one of added) {
        told.push(sdk.module.RecordingState[one.state]);
        one.on('recordingStateChanged', () => told.push(sdk.module.RecordingState[one.state]));
      }
    });
  });
  const recordings = (wanted: number) => {
    const now = sdk.call.feature(sdk.module.Features.Recording).recordings;
    return now.length === wanted && now.every(({ state }) => state === sdk.module.RecordingState.Started);
  };
  expect((await maria.refused(() => sdk.call.meeting!.setRecording(true))).subCode).toBe(46736);
  expect(await anna.run(recordings, 0)).toBe(true);
  await anna.run(() => sdk.call.meeting!.setRecording(true));
  await maria.until(recordings, 1);
  const late = await bench.person({ kind: 'guest', name: 'Ada' });
  await late.enters(meeting.byLink, { muted: true });
  await late.until(recordings, 1);
  await anna.run(() => sdk.call.meeting!.setRecording(false));
  for (const guest of [maria, late]) await guest.until(recordings, 0);
  expect(await maria.run(() => (window as unknown as { told: string[] }).told)).toEqual(['added 1, removed 0', 'Started', 'Ended', 'added 0, removed 1']);

  await late.events('Features.Transcription', 'isTranscriptionActiveChanged');
  for (const active of [true, false]) {
    await anna.run((on) => sdk.call.meeting!.setTranscription(on), active);
    await late.waitEvent<boolean>('Features.Transcription', 'isTranscriptionActiveChanged', (now) => now === active);
  }
});

test('languages of captions are chosen among those that are served, and who stops captions reads no more while another does', async ({ bench, house }) => {
  const CAPTIONS = 'Features.Captions.captions';
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  const maria = await bench.person({ kind: 'guest', name: 'Maria', audioFile: spoken(house.dir) });
  const jose = await bench.person({ kind: 'guest', name: 'José' });
  for (const reader of [anna, jose]) await reader.events(CAPTIONS, 'CaptionsReceived', 'CaptionsActiveChanged');
  await anna.enters(meeting.byLink, { muted: true });
  await maria.enters(meeting.byLink);
  await jose.enters(meeting.byLink, { muted: true });
  const speak = (language: string) => sdk.call.feature(sdk.module.Features.Captions).captions.setSpokenLanguage(language);
  const translate = (language: string) => (sdk.call.feature(sdk.module.Features.Captions).captions as TeamsCaptions).setCaptionLanguage(language);
  expect((await jose.refused(translate, 'en-us')).subCode, 'captions are off').toBe(46735);
  for (const reader of [anna, jose]) {
    await reader.run(() => sdk.call.feature(sdk.module.Features.Captions).captions.startCaptions());
    await reader.waitEvent(CAPTIONS, 'CaptionsActiveChanged');
  }
  const choices = await jose.run(() => {
    const captions = sdk.call.feature(sdk.module.Features.Captions).captions as TeamsCaptions;
    const { kind, activeSpokenLanguage, activeCaptionLanguage, supportedSpokenLanguages, supportedCaptionLanguages } = captions;
    return { kind, activeSpokenLanguage, activeCaptionLanguage, supportedSpokenLanguages, supportedCaptionLanguages };
  });
  expect(choices).toEqual({
    kind: 'TeamsCaptions',
    activeSpokenLanguage: 'en-us',
    activeCaptionLanguage: 'en-us',
    supportedSpokenLanguages: ['en-us'],
    supportedCaptionLanguages: ['en-us'],
  });
  for (const person of [anna, jose]) {
    expect((await person.refused(speak, 'de-de')).subCode).toBe(46732);
    expect((await person.refused(translate, 'de-de')).subCode).toBe(46733);
    await person.run(speak, 'en-us');
    await person.run(translate, 'en-us');
  }
  const finals = (person: Person): Promise<unknown> => person.waitEvent<{ resultType: string }>(CAPTIONS, 'CaptionsReceived', ({ resultType }) => resultType === 'Final');
  await Promise.all([finals(anna), finals(jose)]);

  await jose.run(() => sdk.call.feature(sdk.module.Features.Captions).captions.stopCaptions());
  await jose.until(() => !sdk.call.feature(sdk.module.Features.Captions).captions.isCaptionsFeatureActive);
  for (const reader of [anna, jose]) reader.forget();
  await finals(anna);
  expect(jose.heard(CAPTIONS, 'CaptionsReceived')).toEqual([]);
});

test('somebody who is moved by themself is told of the room, and the one who planned it sees the room with its people', async ({ bench }) => {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  const ben = await bench.person({ kind: 'member', member: 1 });
  await anna.enters(meeting.byLink, { muted: true });
  await ben.enters(meeting.byLink, { muted: true });
  await anna.meets(ben);
  const rooms = () => {
    const raw = ({ displayName, threadId, autoMoveParticipantToBreakoutRoom, state, invitees }: BreakoutRoom) => {
      const ids = invitees.map(({ identifier }) => sdk.common.getIdentifierRawId(identifier));
      return { displayName, threadId, moves: autoMoveParticipantToBreakoutRoom, state, ids };
    };
    return sdk.call.feature(sdk.module.Features.BreakoutRooms).breakoutRooms?.map(raw);
  };
  const assigned = () => sdk.call.feature(sdk.module.Features.BreakoutRooms).assignedBreakoutRooms?.autoMoveParticipantToBreakoutRoom;
  const plan = (autoMove: boolean): Promise<void> =>
    anna.run(
      ([id, auto]) => {
        const invitees = [{ displayName: 'Blue', invitees: [sdk.common.createIdentifierFromRawId(id)] }];
        return sdk.call.meeting!.breakout.plan({ rooms: invitees, autoMove: auto });
      },
      [ben.id, autoMove] as [string, boolean],
    );
  const inside = () => sdk.call.feature(sdk.module.Features.BreakoutRooms).assignedBreakoutRooms?.call?.state;
  const open = () => sdk.call.meeting!.breakout.open();

  // Not by themself: they are told, and stay until they go.
  await plan(false);
  await ben.until(() => sdk.call.feature(sdk.module.Features.BreakoutRooms).assignedBreakoutRooms !== undefined);
  expect(await ben.run(assigned)).toBe(false);
  await anna.run(open);
  await ben.until(() => sdk.call.feature(sdk.module.Features.BreakoutRooms).assignedBreakoutRooms?.state === 'open');
  expect([await ben.run(inside), await ben.run(() => sdk.agent.calls.length)]).toEqual([undefined, 1]);
  await anna.run(() => sdk.call.meeting!.breakout.close());
  await ben.until(() => sdk.call.feature(sdk.module.Features.BreakoutRooms).assignedBreakoutRooms?.state === 'closed');

  await anna.events('Features.BreakoutRooms', 'breakoutRoomsUpdated');
  await plan(true);
  await ben.until(() => sdk.call.feature(sdk.module.Features.BreakoutRooms).assignedBreakoutRooms?.autoMoveParticipantToBreakoutRoom === true);
  await anna.run(open);
  await ben.until(() => sdk.call.feature(sdk.module.Features.BreakoutRooms).assignedBreakoutRooms?.call?.state === 'Connected');
  await anna.until((id) => sdk.participant(id)?.state === 'Hold', ben.id);
  await anna.until(() => sdk.call.feature(sdk.module.Features.BreakoutRooms).breakoutRooms?.every(({ state }) => state === 'open'));
  expect(await anna.run(rooms)).toEqual([{ displayName: 'Blue', threadId: '', moves: true, state: 'open', ids: [ben.id] }]);
});

test('a caller with two calls hands the one callee over to the other, and the two meet', async ({ bench }) => {
  const ada = await bench.person({ kind: 'guest', name: 'Ada' });
  const bo = await bench.person({ kind: 'guest', name: 'Bo' });
  const cleo = await bench.person({ kind: 'guest', name: 'Cleo' });
  for (const callee of [bo, cleo]) {
    await callee.run(() => {
      sdk.agent.on('incomingCall', ({ incomingCall }) => {
        Object.assign(window, { rang: incomingCall.kind });
        void incomingCall.accept().then((call) => { sdk.keep(call); });
      });
    });
    await ada.run((id) => { sdk.keep(sdk.agent.startCall([{ communicationUserId: id }])); }, callee.id);
    await ada.state('Connected');
    await ada.waitEvent<{ added: { kind: string }[] }>('agent', 'callsUpdated', ({ added }) => added[0]?.kind === 'Call');
    expect(await ada.run(() => [sdk.agent.kind, sdk.agent.displayName])).toEqual(['CallAgent', 'Ada']);
    await callee.until(() => (sdk.call as typeof sdk.call | undefined)?.state === 'Connected');
    expect(await callee.run(() => [(window as unknown as { rang: string }).rang, sdk.call.kind, sdk.call.callerInfo.displayName])).toEqual(['IncomingCall', 'Call', 'Ada']);
  }
  // Those who are in one call know it by one name.
  const known = (person: Person): Promise<string> => person.run(() => sdk.call.info.getServerCallId());
  const [target, other] = [await known(ada), await known(bo)];
  expect(await known(cleo)).toBe(target);
  expect(other).not.toBe(target);

  await bo.run(() => {
    sdk.call.feature(sdk.module.Features.Transfer).on('transferAccepted', ({ targetCall }) => { Object.assign(window, { targetCall }); });
  });
  const transfer = (toWhich: string | undefined): void => {
    const [first, second] = sdk.agent.calls;
    const feature = first!.feature(sdk.module.Features.Transfer);
    Object.assign(window, { transfer: feature.transfer({ targetCallId: toWhich ?? second!.id }) });
  };
  interface Kept { transfer: { state: string; error?: { code: number; subCode: number } } }
  const became = (state: string) => (window as unknown as Kept).transfer.state === state;
  await ada.run(transfer, 'no-call');
  await ada.until(became, 'Failed');
  expect(await ada.run(() => (window as unknown as Kept).transfer.error?.subCode)).toBe(45801);
  expect(await bo.run(() => sdk.call.state)).toBe('Connected');

  await ada.run(transfer, undefined);
  await ada.until(became, 'Transferred');
  expect(await bo.endReason()).toMatchObject({ code: 0, subCode: 7015 });
  await bo.run(() => { sdk.keep((window as unknown as { targetCall: typeof sdk.call }).targetCall); });
  await bo.state('Connected');
  await Promise.all([bo.meets(cleo), cleo.meets(bo)]);
  await Promise.all([bo.hears(), cleo.hears()]);
  expect(await known(bo)).toBe(target);
});

test('a member rings a member: kinds and names are those of members, and a call that is taken back is told at the other', async ({ bench }) => {
  const anna = await bench.person({ kind: 'member', member: 0 });
  const ben = await bench.person({ kind: 'member', member: 1 });
  await ben.run(() => {
    (sdk.agent as unknown as TeamsCallAgent).on('incomingCall', ({ incomingCall }) => {
      Object.assign(window, { ringing: incomingCall });
      incomingCall.on('callEnded', ({ callEndReason }) => { Object.assign(window, { ended: callEndReason.code }); });
    });
  });
  const ring = (id: string): void => {
    const agent = sdk.agent as unknown as TeamsCallAgent;
    sdk.keep(agent.startCall(sdk.common.createIdentifierFromRawId(id)) as never);
  };
  interface Kept { ringing?: TeamsIncomingCall; ended?: number }
  await anna.run(ring, ben.id);
  await ben.until(() => (window as unknown as Kept).ringing !== undefined);
  await anna.leave();
  await ben.until(() => (window as unknown as Kept).ended === 487);

  await ben.run(() => { delete (window as unknown as Kept).ringing; });
  await anna.run(ring, ben.id);
  await anna.events(`participant:${ben.id}`, 'stateChanged');
  await ben.until(() => (window as unknown as Kept).ringing !== undefined);
  await ben.run(async () => {
    const { ringing } = window as unknown as Kept;
    Object.assign(window, { kind: ringing!.kind });
    sdk.keep((await ringing!.accept()) as never);
  });
  await anna.state('Connected');
  await anna.waitEvent<string>('call', 'stateChanged', (state) => state === 'Connected');
  await anna.waitEvent<string>(`participant:${ben.id}`, 'stateChanged', (state) => state === 'Connected');
  await anna.waitEvent<{ added: { id: string }[] }>('call', 'remoteParticipantsUpdated', ({ added }) => added.some(({ id }) => id === ben.id));
  await anna.waitEvent<{ added: unknown[] }>('agent', 'callsUpdated', ({ added }) => added.length === 1);
  await anna.waitEvent<{ removed: unknown[] }>('agent', 'callsUpdated', ({ removed }) => removed.length === 1);
  await Promise.all([anna.hears(), ben.hears()]);
  const kinds = () => {
    const agent = sdk.agent as unknown as TeamsCallAgent;
    const call = sdk.call as unknown as TeamsCall;
    return { agent: agent.kind, call: call.kind, calls: agent.calls.length, hasEndpoint: call.info.participantId !== '' };
  };
  for (const person of [anna, ben]) expect(await person.run(kinds)).toEqual({ agent: 'TeamsCallAgent', call: 'TeamsCall', calls: 1, hasEndpoint: true });
  expect(await ben.run(() => (window as unknown as { kind: string }).kind)).toBe('TeamsIncomingCall');
  // The endpoint that the one calls their own is the one that the other knows them by.
  const own = await anna.run(() => sdk.call.info.participantId);
  expect(await ben.run((id) => sdk.participant(id)?.endpointDetails.map(({ participantId }) => participantId), anna.id)).toEqual([own]);
});

test('a data channel takes what fits until it is closed, another one under its number goes on, and the receiver closes when the sender leaves', async ({ bench }) => {
  const { anna, maria } = await gather(bench, { muted: true });
  await anna.run(() => {
    const got: string[] = [];
    Object.assign(window, { got });
    sdk.call.feature(sdk.module.Features.DataChannel).on('dataChannelReceiverCreated', (receiver) => {
      const read = (): void => {
        for (let message = receiver.readMessage(); message !== undefined; message = receiver.readMessage()) got.push(`${String(receiver.channelId)}: ${String(message.data.length)}`);
      };
      receiver.on('messageReady', read);
      receiver.on('close', () => got.push(`${String(receiver.channelId)} closed`));
      queueMicrotask(read);
    });
  });
  const limits = await maria.run(async () => {
    const open = () => sdk.call.feature(sdk.module.Features.DataChannel).createDataChannelSender({ channelId: 7, reliability: 'Durable' });
    const sender = open();
    await sender.sendMessage(new Uint8Array(sender.maxMessageSize));
    await sender.close();
    const refused = await sender.sendMessage(new Uint8Array(1)).catch((error: unknown) => (error as { subCode: number }).subCode);
    const again = open();
    await again.sendMessage(new Uint8Array(3));
    return { channel: again.channelId, most: sender.maxMessageSize, same: sender.maxMessageSizeInBytes, refused };
  });
  expect(limits).toMatchObject({ channel: 7, same: limits.most, refused: 45815 });
  await anna.until((wanted) => JSON.stringify((window as unknown as { got: string[] }).got) === JSON.stringify(wanted), [`7: ${String(limits.most)}`, '7: 3']);
  await maria.leave();
  await anna.until(() => (window as unknown as { got: string[] }).got.at(-1) === '7 closed');
});
