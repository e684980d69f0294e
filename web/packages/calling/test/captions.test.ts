import { describe, expect, it } from 'vitest';

import { Features } from '../src/index';
import type { CaptionsInfo, TeamsCaptions, TeamsCaptionsInfo } from '../src/index';
import type { Caption, CaptionsState } from '../src/wire';
import { MEMBER, connectedCall, guestAgent, joiningCall, meeting, own, refusal, settle, snapshot } from './harness';

const OFFERED: CaptionsState = { available: true, spokenLanguage: 'en-us', spokenLanguages: ['en-us', 'de-de'], captionLanguages: ['fr'] };

function caption(over: Partial<Caption> = {}): Caption {
  return {
    participant: MEMBER,
    displayName: 'Maria',
    utterance: 1,
    isFinal: false,
    text: 'good',
    spokenLanguage: 'en-us',
    captionText: null,
    captionLanguage: null,
    at: '2026-01-02T03:04:05Z',
    ...over,
  };
}

async function withCaptions() {
  const made = await connectedCall({ meeting: meeting({ captions: OFFERED }) });
  const { captions } = made.call.feature(Features.Captions);
  return { ...made, captions: captions as TeamsCaptions };
}

describe('captions', () => {
  it('are of the kind of the call before anything is known of it', async () => {
    const { agent } = await guestAgent();
    const kind = (locator: Parameters<typeof agent.join>[0]) => agent.join(locator).feature(Features.Captions).captions.kind;
    expect(kind({ meetingLink: 'http://host/x' })).toBe('TeamsCaptions');
    expect(kind({ meetingId: '123', passcode: 'x' })).toBe('TeamsCaptions');
    expect(kind({ groupId: '11111111-1111-1111-1111-111111111111' })).toBe('Captions');
    expect(kind({ roomId: '99400000000000000' })).toBe('Captions');
  });

  it('are active when the server says so, not when it was asked', async () => {
    const { captions, socket } = await withCaptions();
    const seen: string[] = [];
    captions.on('CaptionsActiveChanged', () => seen.push(String(captions.isCaptionsFeatureActive)));
    const starting = captions.startCaptions({ spokenLanguage: 'en-us' });
    await settle();
    const asked = socket.last('startCaptions');
    expect(asked.body).toEqual({ type: 'startCaptions', spokenLanguage: 'en-us' });
    socket.reply(asked.id, { type: 'done' });
    await starting;
    expect(captions.isCaptionsFeatureActive).toBe(false);
    socket.event(2, { type: 'own', own: own({ captions: { language: 'en-us' } }) });
    expect(seen).toEqual(['true']);
    socket.event(3, { type: 'own', own: own() });
    expect(seen).toEqual(['true', 'false']);
  });

  it('come partial, then final, each a fresh object with its speaker', async () => {
    const { captions, socket } = await withCaptions();
    const heard: TeamsCaptionsInfo[] = [];
    captions.on('CaptionsReceived', (info) => heard.push(info));
    socket.event(2, { type: 'caption', caption: caption() });
    expect(heard).toEqual([]);
    socket.event(3, { type: 'own', own: own({ captions: { language: 'fr' } }) });
    socket.event(4, { type: 'caption', caption: caption() });
    socket.event(5, { type: 'caption', caption: caption({ isFinal: true, text: 'good morning', captionText: 'bonjour', captionLanguage: 'fr' }) });
    expect(heard[0]).toEqual({
      resultType: 'Partial',
      speaker: { identifier: { kind: 'microsoftTeamsUser', microsoftTeamsUserId: MEMBER.slice(8), rawId: MEMBER, cloud: 'public', isAnonymous: false }, displayName: 'Maria' },
      spokenLanguage: 'en-us',
      spokenText: 'good',
      captionText: 'good',
      captionLanguage: 'en-us',
      timestamp: new Date('2026-01-02T03:04:05Z'),
    });
    expect(heard[1]).toMatchObject({ resultType: 'Final', spokenText: 'good morning', captionText: 'bonjour', captionLanguage: 'fr' });
    expect(Object.isFrozen(heard[0])).toBe(false);
  });

  it('of a group call have no caption language', async () => {
    const { agent, platform } = await guestAgent();
    const call = agent.join({ groupId: '11111111-1111-1111-1111-111111111111' }, { audioOptions: { muted: true } });
    await settle();
    const { socket } = platform;
    socket.reply(socket.last('join').id, { type: 'joined', call: 'c1', session: 's1', resumeTicket: 't1', waiting: false });
    await settle();
    const heard: CaptionsInfo[] = [];
    const { captions } = call.feature(Features.Captions);
    if (captions.kind !== 'Captions') throw new Error('a group call has plain captions');
    captions.on('CaptionsReceived', (info) => heard.push(info));
    socket.event(1, { type: 'snapshot', snapshot: snapshot({ own: own({ captions: { language: 'en-us' } }), meeting: meeting({ kind: 'group', captions: OFFERED }) }) });
    socket.event(2, { type: 'caption', caption: caption() });
    expect(Object.keys(heard[0] ?? {}).sort()).toEqual(['resultType', 'speaker', 'spokenLanguage', 'spokenText', 'timestamp']);
  });

  it('tell their languages, and when they change', async () => {
    const { captions, socket } = await withCaptions();
    expect(captions.supportedSpokenLanguages).toEqual(['en-us', 'de-de']);
    expect(captions.supportedSpokenLanguages).not.toBe(captions.supportedSpokenLanguages);
    expect(captions.supportedCaptionLanguages).toEqual(['en-us', 'fr']);
    expect([captions.activeSpokenLanguage, captions.activeCaptionLanguage]).toEqual(['en-us', 'en-us']);
    const seen: string[] = [];
    captions.on('SpokenLanguageChanged', () => seen.push(`spoken ${captions.activeSpokenLanguage}`));
    captions.on('CaptionLanguageChanged', () => seen.push(`caption ${captions.activeCaptionLanguage}`));
    socket.event(2, { type: 'own', own: own({ captions: { language: 'fr' } }) });
    socket.event(3, { type: 'meeting', meeting: meeting({ captions: { ...OFFERED, spokenLanguage: 'de-de' } }) });
    expect(seen).toEqual(['caption fr', 'spoken de-de']);
    void captions.setSpokenLanguage('en-us').catch(() => undefined);
    void captions.setCaptionLanguage('fr').catch(() => undefined);
    await settle();
    expect(socket.last('setSpokenLanguage').body).toEqual({ type: 'setSpokenLanguage', language: 'en-us' });
    expect(socket.last('setCaptionLanguage').body).toEqual({ type: 'setCaptionLanguage', language: 'fr' });
  });

  it('that are refused say why, and before the call is joined they cannot be asked for', async () => {
    const { captions, socket } = await withCaptions();
    const starting = captions.startCaptions();
    await settle();
    const asked = socket.last('startCaptions');
    expect(asked.body).toEqual({ type: 'startCaptions', spokenLanguage: null });
    socket.refuse(asked.id, refusal({ code: 403, subCode: 46731, name: 'captionsForbidden', policy: 'AllowCaptions' }));
    await expect(starting).rejects.toMatchObject({ code: 403, subCode: 46731, policy: 'AllowCaptions' });
    const { agent } = await guestAgent();
    const early = agent.join({ meetingLink: 'http://host/x' }).feature(Features.Captions).captions;
    await expect(early.startCaptions()).rejects.toMatchObject({ code: 412, subCode: 41071 });
    expect([early.isCaptionsFeatureActive, early.activeSpokenLanguage, early.supportedSpokenLanguages]).toEqual([false, '', []]);
  });

  it('are silent for who waits, and after they are disposed', async () => {
    const { call, socket } = await joiningCall(true);
    const feature = call.feature(Features.Captions);
    let heard = 0;
    (feature.captions as TeamsCaptions).on('CaptionsReceived', () => (heard += 1));
    socket.event(1, { type: 'waiting', notStarted: false });
    socket.event(2, { type: 'caption', caption: caption() });
    expect(heard).toBe(0);
    socket.event(3, { type: 'snapshot', snapshot: snapshot({ own: own({ captions: { language: 'en-us' } }) }) });
    socket.event(4, { type: 'caption', caption: caption() });
    expect(heard).toBe(1);
    feature.dispose();
    socket.event(5, { type: 'caption', caption: caption() });
    expect(heard).toBe(1);
  });
});
