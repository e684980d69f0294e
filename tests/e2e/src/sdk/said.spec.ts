/** What clients tell each other through the meeting: typed text, data channels, diagnostics; each seen by another browser. */
import { type Person, expect, test } from './bench.js';

test('a line of typed text is seen while it is typed, and refused where the policy has it off', async ({ bench }) => {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { muted: true });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  await maria.enters(meeting.byLink, { muted: true });
  await Promise.all([anna.meets(maria), maria.meets(anna)]);
  for (const person of [anna, maria]) await person.events('Features.RealTimeText', 'realTimeTextReceived');

  interface Line { text: string; resultType: string; isLocal: boolean; sender: { displayName?: string } }
  await maria.run(() => sdk.call.feature(sdk.module.Features.RealTimeText).sendRealTimeText('one mom'));
  await maria.run(() => sdk.call.feature(sdk.module.Features.RealTimeText).sendRealTimeText('one moment', true));
  const partial = await anna.waitEvent<Line>('Features.RealTimeText', 'realTimeTextReceived', ({ text }) => text === 'one mom');
  expect(partial).toMatchObject({ resultType: 'Partial', isLocal: false, sender: { displayName: 'Maria' } });
  await anna.waitEvent<Line>('Features.RealTimeText', 'realTimeTextReceived', ({ text, resultType }) => text === 'one moment' && resultType === 'Final');
  await maria.waitEvent<Line>('Features.RealTimeText', 'realTimeTextReceived', ({ text, isLocal }) => text === 'one moment' && isLocal);

  const send = () => sdk.call.feature(sdk.module.Features.RealTimeText).sendRealTimeText('again', true);
  const allowed = (wanted: boolean) => sdk.call.feature(sdk.module.Features.Capabilities).capabilities.realTimeText.isPresent === wanted;
  await bench.policy({ realTimeText: false });
  await maria.until(allowed, false);
  expect((await maria.refused(send)).subCode).toBe(46701);
  await bench.policy({ realTimeText: true });
  await maria.until(allowed, true);
  await maria.run(send);
  await anna.waitEvent<Line>('Features.RealTimeText', 'realTimeTextReceived', ({ text }) => text === 'again');
});

test('a message of a data channel reaches those whom it names, whole', async ({ bench }) => {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  const ben = await bench.person({ kind: 'member', member: 1 });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  await anna.enters(meeting.byLink, { muted: true });
  for (const person of [ben, maria]) await person.enters(meeting.byLink, { muted: true });
  await Promise.all([maria.meets(anna), maria.meets(ben)]);
  for (const person of [anna, ben]) {
    await person.run(() => {
      const got: { from: string; bytes: number[] }[] = [];
      Object.assign(window, { got });
      sdk.call.feature(sdk.module.Features.DataChannel).on('dataChannelReceiverCreated', (receiver) => {
        const read = (): void => {
          for (let message = receiver.readMessage(); message !== undefined; message = receiver.readMessage()) {
            got.push({ from: sdk.common.getIdentifierRawId(receiver.senderParticipantIdentifier), bytes: [...message.data] });
          }
        };
        receiver.on('messageReady', read);
        // The first message comes with the receiver.
        queueMicrotask(read);
      });
    });
  }
  await maria.run((id) => {
    const channel = sdk.call.feature(sdk.module.Features.DataChannel).createDataChannelSender({
      channelId: 1_000,
      reliability: 'Durable',
      participants: [sdk.common.createIdentifierFromRawId(id)],
    });
    return channel.sendMessage(new Uint8Array([0, 128, 255])).then(() => {
      channel.setParticipants([]);
      return channel.sendMessage(new Uint8Array([7]));
    });
  }, ben.id);
  const has = (count: number) => (window as unknown as { got: unknown[] }).got.length === count;
  const got = () => (window as unknown as { got: { from: string; bytes: number[] }[] }).got;
  await ben.until(has, 2);
  await anna.until(has, 1);
  expect(await ben.run(got)).toEqual([{ from: maria.id, bytes: [0, 128, 255] }, { from: maria.id, bytes: [7] }]);
  expect(await anna.run(got)).toEqual([{ from: maria.id, bytes: [7] }]);
});

interface Diagnosed { rawId: string; diagnostic: string; value: unknown }

/** Keeps what others tell of themselves as `diagnosed`. */
const listen = (): void => {
  const diagnosed: Diagnosed[] = [];
  Object.assign(window, { diagnosed });
  sdk.call.feature(sdk.module.Features.UserFacingDiagnostics).remote.on('diagnosticChanged', ({ diagnostics }) => {
    for (const { rawId, diagnostic, value } of diagnostics) diagnosed.push({ rawId, diagnostic, value });
  });
};
const tell = (): void => { sdk.call.feature(sdk.module.Features.UserFacingDiagnostics).remote.startSendingDiagnostics(); };
const tellNoMore = (): void => { sdk.call.feature(sdk.module.Features.UserFacingDiagnostics).remote.stopSendingDiagnostics(); };
/** What the browser says when there is no network any more, or again. */
const network = (event: 'offline' | 'online'): void => { window.dispatchEvent(new Event(event)); };

/** What somebody heard of somebody else. */
const diagnosed = (person: Person, of: { id: string }): Promise<unknown[]> =>
  person.run((id) => (window as unknown as { diagnosed: Diagnosed[] }).diagnosed.filter(({ rawId }) => rawId === id).map(({ diagnostic, value }) => [diagnostic, value]), of.id);

/** Waits until that has become so many. */
const diagnoses = (person: Person, of: { id: string }, count: number): Promise<void> =>
  person.until(([id, wanted]) => (window as unknown as { diagnosed: Diagnosed[] }).diagnosed.filter(({ rawId }) => rawId === id).length >= wanted, [of.id, count] as [string, number]);

test('what a client says of itself is heard by the others once it may, and while it wants', async ({ bench }) => {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  const ben = await bench.person({ kind: 'member', member: 1 });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  for (const person of [anna, ben, maria]) await person.enters(meeting.byLink, { muted: true });
  for (const other of [ben, maria]) await anna.meets(other);
  await anna.run(listen);
  await ben.run(tell);
  expect(await ben.run(() => sdk.call.feature(sdk.module.Features.UserFacingDiagnostics).remote.isSendingDiagnosticsEnabled)).toBe(true);
  expect(await maria.run(() => sdk.call.feature(sdk.module.Features.UserFacingDiagnostics).remote.isSendingDiagnosticsEnabled)).toBe(false);

  // Each time Ben's client comes to know the same a little later and tells it: once he is heard, Maria would have been.
  await maria.run(network, 'offline');
  await ben.run(network, 'offline');
  await diagnoses(anna, ben, 1);
  expect(await diagnosed(anna, maria), 'she has not begun').toEqual([]);

  // What is so already is told when she begins.
  await maria.run(tell);
  await diagnoses(anna, maria, 1);
  await maria.run(network, 'online');
  await diagnoses(anna, maria, 2);
  expect(await diagnosed(anna, maria)).toEqual([['noNetwork', true], ['noNetwork', false]]);

  await maria.run(tellNoMore);
  expect(await maria.run(() => sdk.call.feature(sdk.module.Features.UserFacingDiagnostics).remote.isSendingDiagnosticsEnabled)).toBe(false);
  await maria.run(network, 'offline');
  await ben.run(network, 'online');
  await diagnoses(anna, ben, 2);
  expect(await diagnosed(anna, maria), 'she has ended').toHaveLength(2);
});

test('who speaks while muted is told so, and nobody else is', async ({ bench }) => {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { muted: true });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  await maria.events('Features.UserFacingDiagnostics.media', 'diagnosticChanged');
  await maria.enters(meeting.byLink);
  await anna.meets(maria);
  await anna.run(listen);
  await maria.run(tell);
  // The fake microphone goes on beeping: the browser hears speech while the person is muted.
  await maria.run(() => sdk.call.mute());
  await maria.waitEvent<{ diagnostic: string; value: unknown }>('Features.UserFacingDiagnostics.media', 'diagnosticChanged', ({ diagnostic, value }) => diagnostic === 'speakingWhileMicrophoneIsMuted' && value === true);
  // What comes to be known after that is told.
  await maria.run(network, 'offline');
  await diagnoses(anna, maria, 1);
  expect(await diagnosed(anna, maria)).toEqual([['noNetwork', true]]);
});

test('who waits in the lobby says nothing, and does once inside', async ({ bench }) => {
  const meeting = await bench.meeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { muted: true });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  await maria.join(meeting.byLink, { muted: true });
  await maria.state('InLobby');
  await anna.run(listen);
  await maria.run(tell);
  const type = () => sdk.call.feature(sdk.module.Features.RealTimeText).sendRealTimeText('hello', true);
  const send = () => {
    const feature = sdk.call.feature(sdk.module.Features.DataChannel);
    return feature.createDataChannelSender({ channelId: 5, reliability: 'Durable' }).sendMessage(new Uint8Array([1]));
  };
  expect((await maria.refused(type)).subCode).toBe(46600);
  expect((await maria.refused(send)).subCode).toBe(46600);
  // What the client of somebody who waits says of itself is refused as well.
  await maria.refused(async () => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    const [camera] = await sdk.devices.getCameras();
    await sdk.call.startVideo(new sdk.module.LocalVideoStream(camera!));
  });
  const published = (): string[] => maria.witness.sent.filter((frame) => frame.includes('"publishDiagnostics"'));
  await expect.poll(() => published().length).toBeGreaterThan(0);
  const { id } = JSON.parse(published()[0] ?? '{}') as { id: number };
  await expect.poll(() => maria.witness.frames.filter((frame) => frame.includes(`"id":${String(id)},`) && frame.includes('"notAdmitted"'))).toHaveLength(1);
  await anna.admits(maria);
  await maria.state('Connected');
  await anna.meets(maria);
  await anna.events('Features.RealTimeText', 'realTimeTextReceived');
  await anna.events('Features.DataChannel', 'dataChannelReceiverCreated');
  await maria.run(type);
  await anna.waitEvent<{ text: string }>('Features.RealTimeText', 'realTimeTextReceived', ({ text }) => text === 'hello');
  await maria.run(() => sdk.call.feature(sdk.module.Features.DataChannel).createDataChannelSender({ channelId: 6, reliability: 'Durable' }).sendMessage(new Uint8Array([1])));
  await anna.waitEvent('Features.DataChannel', 'dataChannelReceiverCreated');
  expect(await diagnosed(anna, maria)).toEqual([]);
  await maria.run(network, 'offline');
  await diagnoses(anna, maria, 1);
  expect(await diagnosed(anna, maria)).toEqual([['noNetwork', true]]);
});
