// What the SDK sends, held against the corpus: for every frame there the application's act that makes the SDK send it.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { JoinLocator, TeamsCaptions } from '../src/index';
import { Features, LocalVideoStream, VideoStreamRenderer } from '../src/index';
import type { ClientFrame, Locator, RequestBody } from '../src/wire';
import { FakeMediaStream, FakePlatform, FakeTrack, MEMBER, OWN, TOKEN, tokenFor } from './harness';
import { clientOn, connectedCall, credential, guestAgent, mediaStream, participant, publication, settle, snapshot } from './harness';

const folder = join(import.meta.dirname, '../../../../tests/golden/client');

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  vi.stubGlobal('navigator', { mediaDevices: undefined, userAgent: '' });
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { value: null, writable: true, configurable: true });
});

type Body<T extends RequestBody['type']> = Extract<RequestBody, { type: T }>;
type Made = Awaited<ReturnType<typeof connectedCall>>;

function golden(name: string): ClientFrame {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as ClientFrame;
}

function bodyOf<T extends RequestBody['type']>(name: string): Body<T> {
  const frame = golden(name);
  if (frame.type !== 'request') throw new Error(`${name} is no request`);
  return frame.request.body as Body<T>;
}

/** The one in the corpus whom the meeting's person acts upon. */
const somebody = (name: string): string => bodyOf<'admit'>(name).participants[0] ?? '';

function locatorOf(wire: Locator): JoinLocator {
  const { type: _type, ...members } = wire;
  const given = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
  return (wire.type === 'link' ? { meetingLink: wire.link } : given) as unknown as JoinLocator;
}

async function sentJoin(name: string): Promise<ClientFrame | undefined> {
  const { locator, displayName, muted } = bodyOf<'join'>(name);
  const platform = new FakePlatform();
  const creating = clientOn(platform).createCallAgent(credential(), displayName === null ? {} : { displayName });
  await settle();
  platform.socket.accept();
  platform.socket.welcome();
  (await creating).join(locatorOf(locator), { audioOptions: { muted } });
  await settle();
  return platform.socket.received.at(-1);
}

/** What a connected person does, for each file; the last frame sent after it is compared. */
const acts: Record<string, (made: Made) => unknown> = {
  'request-leave': ({ call }) => call.hangUp(),
  'request-leave-for-everyone': ({ call }) => call.hangUp({ forEveryone: true }),
  'request-set-publication': ({ call }) => call.startVideo(new LocalVideoStream(mediaStream(new FakeTrack('video', 'cam', { width: 1280, height: 720 })))),
  'request-start-captions': ({ call }) =>
    call.feature(Features.Captions).captions.startCaptions({ spokenLanguage: bodyOf<'startCaptions'>('request-start-captions').spokenLanguage ?? undefined }),
  'request-stop-captions': ({ call }) => call.feature(Features.Captions).captions.stopCaptions(),
  'request-set-spoken-language': ({ call }) =>
    call.feature(Features.Captions).captions.setSpokenLanguage(bodyOf<'setSpokenLanguage'>('request-set-spoken-language').language),
  'request-set-caption-language': ({ call }) =>
    (call.feature(Features.Captions).captions as TeamsCaptions).setCaptionLanguage(bodyOf<'setCaptionLanguage'>('request-set-caption-language').language),
  'request-set-recording': ({ call }) => call.meeting?.setRecording(bodyOf<'setRecording'>('request-set-recording').active),
  'request-set-transcription': ({ call }) => call.meeting?.setTranscription(bodyOf<'setTranscription'>('request-set-transcription').active),
  'request-grant-consent': ({ call }) => call.feature(Features.Recording).grantTeamsConsent(),
  'request-mute-participants': ({ call }) => call.remoteParticipants[0]?.mute(),
  'request-mute-participants-all': ({ call }) => call.muteAllRemoteParticipants(),
  'request-remove-participant': ({ call }) => call.removeParticipant({ communicationUserId: bodyOf<'removeParticipant'>('request-remove-participant').participant }),
  'request-admit': ({ call }) => call.lobby?.admit({ communicationUserId: somebody('request-admit') }),
  'request-admit-all': ({ call }) => call.lobby?.admitAll(),
  'request-reject': ({ call }) => call.lobby?.reject({ communicationUserId: somebody('request-reject') }),
  'request-set-role': ({ call }) => call.meeting?.setRole({ communicationUserId: bodyOf<'setRole'>('request-set-role').participant }, 'Presenter'),
  'request-raise-hand': ({ call }) => call.feature(Features.RaiseHand).raiseHand(),
  'request-lower-hands': ({ call }) => call.feature(Features.RaiseHand).lowerHand(),
  'request-lower-all-hands': ({ call }) => call.feature(Features.RaiseHand).lowerAllHands(),
  'request-set-locked': ({ call }) => call.meeting?.setLocked(true),
  'request-send-typed': ({ call }) => call.feature(Features.RealTimeText).sendRealTimeText('one mom'),
  'request-send-data': ({ call }) =>
    call.feature(Features.DataChannel).createDataChannelSender({ channelId: 7, reliability: 'Durable' }).sendMessage(new TextEncoder().encode('hello')),
  ...Object.fromEntries(
    (['like', 'heart', 'laugh', 'surprised', 'applause'] as const).map((reactionType) => [
      `request-react-${reactionType}`,
      ({ call }: Made) => call.feature(Features.Reaction).sendReaction({ reactionType }),
    ]),
  ),
  'request-start-spotlight': ({ call }) => call.feature(Features.Spotlight).startSpotlight([{ communicationUserId: somebody('request-start-spotlight') }]),
  'request-stop-spotlight': ({ call }) => call.feature(Features.Spotlight).stopSpotlight(),
  'request-stop-all-spotlight': ({ call }) => call.feature(Features.Spotlight).stopAllSpotlight(),
  'request-set-media-access': ({ call }) => call.feature(Features.MediaAccess).forbidAudio([{ communicationUserId: somebody('request-set-media-access') }]),
  'request-set-media-access-all': ({ call }) => call.feature(Features.MediaAccess).permitOthersVideo(),
  'request-set-together': ({ call }) => call.feature(Features.TogetherMode).start(),
  'request-plan-breakout-rooms': ({ call }) => {
    const { rooms, autoMove, seconds } = bodyOf<'planBreakoutRooms'>('request-plan-breakout-rooms');
    const planned = rooms.map(({ name, invitees }) => ({ displayName: name, invitees: invitees.map((rawId) => ({ communicationUserId: rawId })) }));
    return call.meeting?.breakout.plan({ rooms: planned, autoMove, seconds: seconds ?? 0 });
  },
  'request-assign-breakout-room': ({ call }) =>
    call.meeting?.breakout.assign({ communicationUserId: bodyOf<'assignBreakoutRoom'>('request-assign-breakout-room').participant }, undefined),
  'request-open-breakout-rooms': ({ call }) => call.meeting?.breakout.open(),
  'request-close-breakout-rooms': ({ call }) => call.meeting?.breakout.close(),
  'request-broadcast-to-breakout-rooms': ({ call }) => call.meeting?.breakout.say('Five minutes left.'),
  'request-set-held': ({ call }) => call.hold(),
  'request-transfer-to-person': ({ call }) => {
    const { target } = bodyOf<'transfer'>('request-transfer-to-person');
    if (target.type === 'person') call.feature(Features.Transfer).transfer({ targetParticipant: { communicationUserId: target.participant } });
  },
  // Something was missed.
  'request-snapshot': ({ socket }) => { socket.event(9, { type: 'speaking', changes: [], dominant: [] }); },
};

/** What these cannot send as it is in the corpus: the SDK admits one at a time. */
const narrowed: Record<string, Partial<Body<'admit'>>> = { 'request-admit': { participants: [somebody('request-admit')] } };

const joins = readdirSync(folder).filter((name) => name.startsWith('request-join-') && !/breakout|incoming|transfer/.test(name)).map((name) => name.replace('.json', ''));
const elsewhere = ['request-add-participants', 'request-start-call', 'request-reject-incoming', 'request-join-incoming', 'request-join-breakout', 'request-join-transfer', 'request-transfer-to-call', 'hello', 'hello-resume', 'ping', 'request-refresh-token', 'request-renew-ice-servers', 'request-publish-diagnostics', 'request-offer-media', 'request-subscribe', 'request-subscribe-nothing', 'request-submit-survey'];

describe('the corpus of client frames', () => {
  it('is there, and every frame of it is compared', () => {
    const there = readdirSync(folder).map((name) => name.replace('.json', ''));
    expect(there.length).toBeGreaterThan(20);
    expect([...Object.keys(acts), ...joins, ...elsewhere].sort()).toEqual(there.sort());
  });

  it.each(joins)('%s is what the SDK sends', async (name) => {
    expect(await sentJoin(name)).toEqual({ ...golden(name), id: expect.any(Number) as number });
  });

  it.each(Object.keys(acts))('%s is what the SDK sends', async (name) => {
    const target = somebody('request-reject');
    const made = await connectedCall(snapshot({ participants: [participant(OWN), participant(target), participant(MEMBER)] }));
    void Promise.resolve(acts[name]?.(made)).catch(() => undefined);
    await settle();
    const body = { ...bodyOf(name), ...narrowed[name] };
    expect(made.socket.received.at(-1)).toEqual({ type: 'request', id: expect.any(Number) as number, request: { call: 'c1', body } });
  });

  it('hello, with and without a call to resume', async () => {
    const client = { name: expect.any(String) as string, version: expect.any(String) as string };
    const { platform } = await guestAgent();
    expect(platform.socket.received[0]).toEqual({ ...golden('hello'), token: TOKEN, client });
    const made = await connectedCall();
    made.socket.drop();
    await made.platform.advance(1_000);
    made.platform.socket.accept();
    expect(made.platform.socket.received[0]).toEqual({ ...golden('hello-resume'), token: TOKEN, client, resume: [{ call: 'c1', ticket: 't1' }] });
  });

  it('request-join-breakout', async () => {
    const { locator } = bodyOf<'join'>('request-join-breakout');
    if (locator.type !== 'breakout') throw new Error('the corpus has another locator');
    const assigned = { id: locator.roomId, name: 'Blue', threadId: '', open: true, autoMove: false, invitees: [OWN] };
    const breakout = { assigned, rooms: [], ends: null, returnDisabled: false, mainThreadId: null };
    const { call, socket } = await connectedCall({ breakout });
    const feature = call.feature(Features.BreakoutRooms);
    await settle();
    void feature.assignedBreakoutRooms?.join();
    await settle();
    expect(socket.last('join').body).toEqual({ ...bodyOf('request-join-breakout'), displayName: 'Guest', locator: { ...locator, call: 'c1' } });
  });

  it('request-start-call', async () => {
    const { participants, displayName, muted, customContext } = bodyOf<'startCall'>('request-start-call');
    const platform = new FakePlatform();
    const creating = clientOn(platform).createCallAgent(credential(), { displayName: displayName ?? '' });
    await settle();
    platform.socket.accept();
    platform.socket.welcome();
    const voipHeaders = Object.entries(customContext).map(([key, value]) => ({ key, value: value ?? '' }));
    (await creating).startCall([{ communicationUserId: participants[0] ?? '' }], { audioOptions: { muted }, customContext: { voipHeaders } });
    await settle();
    expect(platform.socket.received.at(-1)).toEqual({ ...golden('request-start-call'), id: expect.any(Number) as number });
  });

  it('request-reject-incoming and request-join-incoming', async () => {
    const { id } = bodyOf<'rejectIncoming'>('request-reject-incoming');
    const { muted } = bodyOf<'join'>('request-join-incoming');
    for (const accepts of [false, true]) {
      const { agent, platform } = await guestAgent();
      await platform.advance(0);
      agent.on('incomingCall', ({ incomingCall }) => {
        void (accepts ? incomingCall.accept({ audioOptions: { muted } }) : incomingCall.reject());
      });
      const incoming = { id, kind: 'direct', caller: MEMBER, callerName: 'Maria', customContext: {}, transferor: null, transferorName: null };
      platform.socket.push({ type: 'incoming', incoming });
      await settle();
      const name = accepts ? 'request-join-incoming' : 'request-reject-incoming';
      const sent = bodyOf(name);
      expect(platform.socket.requests().at(-1)).toMatchObject({ call: null, body: accepts ? { ...sent, displayName: 'Guest' } : sent });
    }
  });

  it('request-join-transfer', async () => {
    const body = bodyOf<'join'>('request-join-transfer');
    const { socket } = await connectedCall({}, body.muted);
    if (body.locator.type === 'transfer') socket.event(2, { type: 'transferAsked', transfer: body.locator.id });
    await settle();
    expect(socket.last('join').body).toEqual({ ...body, displayName: 'Guest' });
  });

  it('request-transfer-to-call', async () => {
    const { agent, call, socket } = await connectedCall();
    const body = bodyOf<'transfer'>('request-transfer-to-call');
    const second = agent.join({ meetingLink: 'http://host/l/meetup-join/y' }, { audioOptions: { muted: true } });
    await settle();
    const target = body.target.type === 'call' ? body.target.call : '';
    socket.reply(socket.last('join').id, { type: 'joined', call: target, session: 's2', resumeTicket: 't2', waiting: false });
    await settle();
    call.feature(Features.Transfer).transfer({ targetCallId: second.id });
    await settle();
    // The SDK's transfers are of the only other one.
    expect(socket.last('transfer').body).toEqual({ ...body, participant: null });
  });

  it('request-add-participants', async () => {
    const body = bodyOf<'addParticipants'>('request-add-participants');
    const { call, socket } = await connectedCall();
    call.addParticipant({ communicationUserId: body.participants[0] ?? '' });
    expect(socket.last('addParticipants').body).toEqual(body);
  });

  it('ping', async () => {
    const { platform } = await guestAgent();
    await platform.advance(15_000);
    expect(platform.socket.received.at(-1)).toEqual(golden('ping'));
  });

  it('request-renew-ice-servers', async () => {
    const made = await connectedCall({ iceServers: [{ urls: ['turn:relay.test'], username: 'u', credential: 'c', lifetimeS: 60 }] });
    await made.platform.advance(45_000);
    expect(made.socket.requests().at(-1)).toMatchObject({ call: 'c1', body: bodyOf('request-renew-ice-servers') });
  });

  it('request-refresh-token', async () => {
    const { token } = bodyOf<'refreshToken'>('request-refresh-token');
    const tokens = [tokenFor({ exp: 60, anteroomSignal: 'ws://server/signal' }), token];
    const platform = new FakePlatform();
    const creating = clientOn(platform).createCallAgent(credential(() => tokens.shift() ?? token));
    await settle();
    platform.socket.accept();
    platform.socket.welcome();
    await creating;
    await platform.advance(31_000);
    expect(platform.socket.requests().at(-1)).toMatchObject({ call: null, body: bodyOf('request-refresh-token') });
  });

  it('request-publish-diagnostics', async () => {
    const { call, platform, socket } = await connectedCall();
    const wanted = bodyOf<'publishDiagnostics'>('request-publish-diagnostics');
    call.feature(Features.UserFacingDiagnostics).remote.startSendingDiagnostics();
    platform.peer.handlers.interrupted();
    await platform.advance(1_001);
    // What is told here is another value of the same shape.
    expect(socket.last('publishDiagnostics').body).toEqual({ type: wanted.type, diagnostics: [{ name: 'networkReconnect', value: 3, isFlag: false }] });
    expect(Object.keys(wanted.diagnostics[0] ?? {}).sort()).toEqual(['isFlag', 'name', 'value']);
  });

  it('request-submit-survey', async () => {
    const { call, socket } = await connectedCall();
    await call.hangUp();
    const survey = { overallRating: { score: 4, issues: ['OtherIssues' as const] } };
    void call.feature(Features.CallSurvey).submitSurvey(survey).catch(() => undefined);
    await settle();
    expect(socket.last('submitSurvey')).toMatchObject({ call: null, body: { ...bodyOf('request-submit-survey'), session: 's1' } });
  });

  it('request-offer-media', async () => {
    const { sdp, publications } = bodyOf<'offerMedia'>('request-offer-media');
    const { platform, socket } = await connectedCall();
    expect(socket.last('offerMedia').body.fresh).toBe(false);
    const { createPeer } = platform;
    platform.createPeer = (...given) => Object.assign(createPeer(...given), { offer: () => Promise.resolve({ sdp, publications }) });
    platform.peer.handlers.failed();
    await settle();
    expect(socket.last('offerMedia').body).toEqual(bodyOf('request-offer-media'));
  });

  it('request-subscribe, and with nothing wanted', async () => {
    const made = await connectedCall(snapshot({ participants: [participant(OWN), participant(MEMBER, { publications: [publication(7, { kind: 'screen' })] })] }));
    const view = await new VideoStreamRenderer(made.call.remoteParticipants[0]!.videoStreams[0]!).createView();
    await made.platform.advance(1);
    const [want] = bodyOf<'subscribe'>('request-subscribe').wants;
    const sized = { ...want, width: expect.any(Number) as number, height: expect.any(Number) as number };
    expect(made.socket.last('subscribe').body).toEqual({ type: 'subscribe', wants: [sized] });
    view.dispose();
    await made.platform.advance(100);
    expect(made.socket.last('subscribe').body).toEqual(bodyOf('request-subscribe-nothing'));
  });
});
