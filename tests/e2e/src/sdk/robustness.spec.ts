/** Calls on bad days, with real browsers and a real server: sockets, servers, networks, devices, tokens, tabs. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Bench, Person } from './bench.js';
import { expect, test } from './bench.js';
import { flow, stands } from './flow.js';
import { Person as SomePerson } from './person.js';

declare global {
  interface Window {
    __sockets?: WebSocket[];
    __ticks?: number[];
  }
}

/** Two people who see each other. */
async function two(bench: Bench): Promise<{ anna: Person; maria: Person }> {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { camera: true });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  await watchSockets(maria);
  await maria.enters(meeting.byLink, { camera: true });
  await Promise.all([anna.meets(maria), maria.meets(anna)]);
  await Promise.all([anna.decodes(maria), maria.decodes(anna)]);
  await maria.events('Features.UserFacingDiagnostics.network', 'diagnosticChanged');
  await maria.events('Features.UserFacingDiagnostics.media', 'diagnosticChanged');
  return { anna, maria };
}

/** Makes the agent anew, with its sockets in the test's hand. */
async function watchSockets(person: Person): Promise<void> {
  await person.run(() => {
    const Socket = window.WebSocket;
    const sockets: WebSocket[] = (window.__sockets = []);
    window.WebSocket = class extends Socket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    };
  });
  await again(person);
}

/** Another client and agent of the same person. */
async function again(person: Person): Promise<void> {
  await person.run(() => sdk.client.dispose());
  await person.run(async (name) => sdk.begin({ kind: 'guest', name, token: await window.sdkToken!(), client: {} }), person.name);
}

const network = (person: Person): { diagnostic: string; value: unknown }[] =>
  person.heard('Features.UserFacingDiagnostics.network', 'diagnosticChanged') as { diagnostic: string; value: unknown }[];

const states = (person: Person): unknown[] => person.heard('call', 'stateChanged');

test('a socket that is cut comes back as the same session; the call stays connected and says what happens, and the server tells the others', async ({ bench }) => {
  const { anna, maria } = await two(bench);
  maria.forget();
  const REMOTE = 'Features.UserFacingDiagnostics.remote';
  await anna.events(REMOTE, 'diagnosticChanged');
  const peers = (): Promise<number> => maria.run(() => window.__peers!.length);
  const before = await peers();
  await maria.run(() => { window.__sockets!.at(-1)!.close(); });
  await maria.waitEvent<{ value: number }>('Features.UserFacingDiagnostics.network', 'diagnosticChanged', ({ value }) => value === 3);
  await maria.waitEvent<{ value: number }>('Features.UserFacingDiagnostics.network', 'diagnosticChanged', ({ value }) => value === 1);
  expect(network(maria).map(({ diagnostic }) => diagnostic)).toEqual(['networkReconnect', 'networkReconnect']);
  expect(states(maria)).toEqual([]);
  expect(await peers(), 'media went on over the same connection').toBe(before);
  await Promise.all([anna.decodes(maria), maria.decodes(anna)]);
  // The session is the same: what is asked over the new socket counts.
  await maria.run(() => sdk.call.mute());
  await anna.until((id) => sdk.participant(id)?.isMuted === true, maria.id);
  expect(anna.heard('call', 'remoteParticipantsUpdated').length, 'nobody left and came back').toBe(1);
  const told = anna.heard(REMOTE, 'diagnosticChanged').flatMap((event) => (event as { diagnostics: Record<string, unknown>[] }).diagnostics);
  expect(told.map(({ rawId, diagnostic, value, valueType }) => [rawId, diagnostic, value, valueType])).toEqual([
    [maria.id, 'serverConnection', 3, 'DiagnosticQuality'],
    [maria.id, 'serverConnection', 1, 'DiagnosticQuality'],
  ]);
  // She never began to send hers.
  expect(await maria.run(() => sdk.call.feature(sdk.module.Features.UserFacingDiagnostics).remote.isSendingDiagnosticsEnabled)).toBe(false);
});

test('a server that is killed and started again has everybody back, with sound and pictures, in the same call', async ({ bench, house }) => {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0, cutOff: true });
  await anna.enters(meeting.byLink, { camera: true });
  // A member: guests wait in the lobby until somebody is back who may begin the meeting.
  const ben = await bench.person({ kind: 'member', member: 1, cutOff: true });
  await ben.enters(meeting.byLink, { camera: true });
  await Promise.all([anna.meets(ben), ben.meets(anna)]);
  await ben.events('Features.UserFacingDiagnostics.network', 'diagnosticChanged');
  ben.forget();
  const id = await ben.run(() => sdk.call.id);
  await house.kill();
  await ben.waitEvent<{ value: number }>('Features.UserFacingDiagnostics.network', 'diagnosticChanged', ({ value }) => value === 3);
  await house.restart();
  await ben.waitEvent<{ value: number }>('Features.UserFacingDiagnostics.network', 'diagnosticChanged', ({ value }) => value === 1);
  await Promise.all([anna.meets(ben), ben.meets(anna)]);
  await Promise.all([anna.decodes(ben), ben.decodes(anna)]);
  await Promise.all([anna.hears(), ben.hears()]);
  expect(states(ben)).toEqual([]);
  expect(await ben.run(() => sdk.call.id)).toBe(id);
});

test('another network is used at once, on the same connection: no picture stands for three seconds, and sound goes on', async ({ bench }) => {
  const { anna, maria } = await two(bench);
  const ufrag = (): Promise<string | undefined> => maria.run(() => /a=ice-ufrag:(\S+)/.exec(window.__peers!.at(-1)!.localDescription!.sdp)?.[1]);
  const before = await ufrag();
  const peers = await maria.run(() => window.__peers!.length);
  await anna.run(() => {
    // The longest time between two frames of the other person, from now on.
    const [video] = document.querySelectorAll('video');
    let last = performance.now();
    window.__ticks = [];
    const next = (): void => {
      window.__ticks!.push(performance.now() - last);
      last = performance.now();
      video!.requestVideoFrameCallback(next);
    };
    video!.requestVideoFrameCallback(next);
  });
  await maria.run(() => window.dispatchEvent(new Event('online')));
  await expect.poll(ufrag).not.toBe(before);
  await maria.until(() => window.__peers!.at(-1)!.iceConnectionState === 'connected' && window.__peers!.at(-1)!.signalingState === 'stable');
  await Promise.all([anna.decodes(maria), maria.decodes(anna)]);
  await maria.until(() => window.__peers!.at(-1)!.connectionState === 'connected');
  expect(await maria.run(() => window.__peers!.length)).toBe(peers);
  expect(Math.max(...(await anna.run(() => window.__ticks!)))).toBeLessThan(3_000);
  // The server learned the new name: sound and pictures still come both ways.
  await Promise.all([anna.hears(), maria.hears()]);
});

test('a token near its end is followed by the next one on the same socket, during the call', async ({ bench }) => {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { muted: true });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  // Tokens of the server live for hours, so the page's clock is set to the last seconds of one; the server's is not, so that it stays
  // good. The credential of the official package makes a new token only once the old one has ended.
  const { exp } = JSON.parse(Buffer.from((await bench.desk.again(maria.id)).split('.')[1] ?? '', 'base64url').toString()) as { exp: number };
  await maria.context.clock.install();
  await maria.context.clock.setSystemTime(exp * 1_000 - 15_000);
  await watchSockets(maria);
  await maria.enters(meeting.byLink, { muted: true });
  maria.forget();
  const sockets = await maria.run(() => window.__sockets!.length);
  const refreshed = (): string[] => maria.witness.sent.filter((frame) => frame.includes('"refreshToken"'));
  await expect.poll(refreshed).toHaveLength(1);
  const { id } = JSON.parse(refreshed()[0] ?? '{}') as { id: number };
  await expect.poll(() => maria.witness.frames.filter((frame) => frame.includes(`"id":${String(id)},`) && frame.includes('"done"'))).toHaveLength(1);
  expect(await maria.run(() => [sdk.call.state, sdk.agent.connectionState])).toEqual(['Connected', 'Connected']);
  expect(maria.heard('agent', 'connectionStateChanged')).toEqual([]);
  expect(await maria.run(() => window.__sockets!.length)).toBe(sockets);
});

test('a page that sleeps in the lobby keeps its place: the browser answers for it', async ({ bench }) => {
  test.setTimeout(300_000);
  const meeting = await bench.meeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { muted: true });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  await watchSockets(maria);
  await maria.join(meeting.byLink, { muted: true });
  await maria.state('InLobby');
  maria.forget();
  const sockets = await maria.run(() => window.__sockets!.length);
  // No line of the page runs for longer than the server bears silence: it waits for an answer as pages could in the old days.
  const slow = createServer((_request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    setTimeout(() => response.end(), 45_000);
  }).listen(0, '127.0.0.1');
  await once(slow, 'listening');
  const slept = await maria.run((port) => {
    const begun = Date.now();
    const request = new XMLHttpRequest();
    request.open('GET', `http://127.0.0.1:${String(port)}/`, false);
    request.send();
    return Date.now() - begun;
  }, (slow.address() as AddressInfo).port);
  slow.close();
  expect(slept).toBeGreaterThan(40_000);
  // The page is awake again: its socket has answered something since, and it is the one that it had.
  const frames = maria.witness.frames.length;
  await anna.admits(maria);
  await expect.poll(() => maria.witness.frames.length).toBeGreaterThan(frames);
  expect(await maria.run(() => window.__sockets!.length)).toBe(sockets);
  await maria.state('Connected');
  expect(maria.heard('agent', 'connectionStateChanged').filter((change) => (change as { newValue: string }).newValue === 'Disconnected')).toEqual([]);
});

test('a microphone that is unplugged gives way to the default one, and the others hear on', async ({ bench }) => {
  const { anna, maria } = await two(bench);
  maria.forget();
  await maria.run(async () => {
    const [track] = (await sdk.call.localAudioStreams[0]!.getMediaStream()).getAudioTracks();
    track!.stop();
    track!.dispatchEvent(new Event('ended'));
  });
  const told = { diagnostic: 'microphoneNotFunctioning', valueType: 'DiagnosticFlag' };
  await maria.waitEvent<{ value: boolean }>('Features.UserFacingDiagnostics.media', 'diagnosticChanged', ({ value }) => !value);
  expect(maria.heard('Features.UserFacingDiagnostics.media', 'diagnosticChanged')).toEqual([{ ...told, value: true }, { ...told, value: false }]);
  expect(await maria.run(() => sdk.call.isMuted)).toBe(false);
  await anna.hears();
});

test('a call that goes well says nothing, and its statistics are those of the real streams', async ({ bench }) => {
  const { anna, maria } = await two(bench);
  maria.forget();
  const { samples, summary, streamId } = await maria.run(async () => {
    const collector = sdk.call.feature(sdk.module.Features.MediaStats).createCollector({ aggregationInterval: 2, dataPointsPerAggregation: 8 });
    const gathered: Parameters<Parameters<typeof collector.on<'sampleReported'>>[1]>[0][] = [];
    collector.on('sampleReported', (sample) => gathered.push(sample));
    const summed = await new Promise<Parameters<Parameters<typeof collector.on<'summaryReported'>>[1]>[0]>((resolve) => { collector.on('summaryReported', resolve); });
    collector.dispose();
    return { samples: gathered, summary: summed, streamId: sdk.call.remoteParticipants[0]!.videoStreams[0]!.id };
  });
  const last = samples.at(-1)!;
  expect(samples).toHaveLength(16);
  expect(last.audio.send[0]).toMatchObject({ codecName: 'opus' });
  expect(last.video.receive).toHaveLength(1);
  expect(last.video.receive[0]).toMatchObject({ streamId, codecName: 'VP8' });
  expect(last.video.receive[0]!.frameRateDecoded).toBeGreaterThan(0);
  expect(last.video.receive[0]!.bitrate).toBeGreaterThan(10_000);
  expect(last.video.send[0]!.frameWidthSent).toBeGreaterThan(0);
  expect(last.screenShare).toEqual({ send: [], receive: [] });
  expect(last.transports[0]!.rttInMs).toBeLessThan(1_000);
  expect(summary.video.receive[0]!.packets!.aggregation!.count).toEqual(Array(8).fill(2));
  // Sixteen seconds: enough for every judgement to be made, and none is bad.
  expect(network(maria)).toEqual([]);
  expect(maria.heard('Features.UserFacingDiagnostics.media', 'diagnosticChanged')).toEqual([]);
  await anna.decodes(maria);
});

test('somebody who speaks while muted is told so, and nobody hears it', async ({ bench }) => {
  const { anna, maria } = await two(bench);
  await anna.hears();
  await maria.run(() => sdk.call.mute());
  await anna.until((id) => sdk.participant(id)?.isMuted === true, maria.id);
  // The browser's own microphone beeps all the time.
  await maria.waitEvent<{ diagnostic: string; value: boolean }>('Features.UserFacingDiagnostics.media', 'diagnosticChanged', ({ diagnostic, value }) => diagnostic === 'speakingWhileMicrophoneIsMuted' && value);
  expect(await anna.run((id) => sdk.participant(id)?.isSpeaking, maria.id)).toBe(false);
  // Her pictures go on meanwhile.
  const heard = async (): Promise<[number, number]> => { const { sound, energy } = await flow(anna); return [sound, energy]; };
  await stands(heard, async () => (await flow(anna)).frames, 30, 'nothing of what she says arrives');
  await maria.run(() => sdk.call.unmute());
  await anna.hears();
  await maria.waitEvent<{ diagnostic: string; value: boolean }>('Features.UserFacingDiagnostics.media', 'diagnosticChanged', ({ diagnostic, value }) => diagnostic === 'speakingWhileMicrophoneIsMuted' && !value);
});

test('a page that makes, disposes and makes a client at once has one that works, and no conflict', async ({ bench }) => {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { muted: true });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  await maria.run(() => sdk.client.dispose());
  const outcome = await maria.run(async () => {
    const token = await window.sdkToken!();
    const credential = (): InstanceType<typeof sdk.common.AzureCommunicationTokenCredential> => new sdk.common.AzureCommunicationTokenCredential(token);
    const first = new sdk.module.CallClient();
    const abandoned = first.createCallAgent(credential()).then(() => 'made', (error: { subCode: number }) => error.subCode);
    void first.dispose();
    const second = new sdk.module.CallClient();
    const agent = await second.createCallAgent(credential());
    const other = await second.createCallAgent(credential()).then(() => 'made', (error: { code: number; subCode: number }) => [error.code, error.subCode]);
    const disposing = agent.dispose();
    sdk.client = second;
    sdk.agent = await second.createCallAgent(credential());
    await disposing;
    return { abandoned: await abandoned, other };
  });
  expect(outcome).toEqual({ abandoned: 40115, other: [409, 40228] });
  await maria.enters(meeting.byLink, { muted: true });
});

test('the same person in a second tab: both are connected and know it; joining the same meeting there takes it over', async ({ bench }) => {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { muted: true });
  const first = await bench.person({ kind: 'guest', name: 'Maria' });
  await first.run(() => { sdk.client.feature(sdk.module.Features.DebugInfo); });
  expect(await first.run(() => sdk.client.feature(sdk.module.Features.DebugInfo).isCallClientActiveInAnotherTab)).toBe(false);
  await first.enters(meeting.byLink, { muted: true });
  const freshToken = (): Promise<string> => bench.desk.again(first.id);
  const second = await SomePerson.open(first.context, bench.site.origin, { kind: 'guest', id: first.id, name: 'Maria', token: await freshToken(), client: {}, freshToken });
  bench.people.push(second);
  await first.until(() => sdk.client.feature(sdk.module.Features.DebugInfo).isCallClientActiveInAnotherTab);
  await second.until(() => sdk.client.feature(sdk.module.Features.DebugInfo).isCallClientActiveInAnotherTab);
  expect(await first.run(() => sdk.agent.connectionState)).toBe('Connected');
  expect(await first.run(() => sdk.call.state)).toBe('Connected');
  await second.enters(meeting.byLink, { muted: true });
  expect(await first.endReason()).toMatchObject({ code: 0, subCode: 5901 });
  await anna.meets(first);
  await second.run(() => sdk.client.dispose());
  await first.until(() => !sdk.client.feature(sdk.module.Features.DebugInfo).isCallClientActiveInAnotherTab);
});

test('how many videos a machine should show is there from the join on, falls when the machine is overloaded, and is told', async ({ bench }) => {
  const { maria } = await two(bench);
  const OVC = 'Features.OptimalVideoCount';
  await maria.events(OVC, 'optimalVideoCountChanged');
  const before = await maria.run(() => sdk.call.feature(sdk.module.Features.OptimalVideoCount).optimalVideoCount);
  expect(before).toBeGreaterThan(1);
  expect(before).toBeLessThanOrEqual(9);
  // What the browser says when the processor does not keep up.
  await maria.run(() => {
    const { getStats } = RTCPeerConnection.prototype;
    RTCPeerConnection.prototype.getStats = async function overloaded(this: RTCPeerConnection, ...args: []) {
      const told = new Map<string, unknown>();
      (await getStats.apply(this, args)).forEach((entry: { type: string }, id: string) => {
        told.set(id, entry.type === 'outbound-rtp' ? { ...entry, qualityLimitationReason: 'cpu' } : entry);
      });
      return told as unknown as RTCStatsReport;
    };
  });
  const lower = await maria.waitEvent<number>(OVC, 'optimalVideoCountChanged', (count) => count < before);
  expect(lower).toBeGreaterThanOrEqual(1);
  const now = await maria.run(() => {
    const feature = sdk.call.feature(sdk.module.Features.OptimalVideoCount);
    return { count: feature.optimalVideoCount, why: (feature as unknown as { lastOvcChangeReason: string }).lastOvcChangeReason };
  });
  expect(now.count).toBeLessThan(before);
  expect(now.why).toBe('performance');
});
