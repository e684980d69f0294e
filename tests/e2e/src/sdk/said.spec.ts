/** What clients tell each other through the meeting: typed text, data channels, diagnostics; each seen by another browser. */
import { expect, test } from './bench.js';

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

test('what a client says of itself is heard by the others once it may, and while it wants', async ({ bench }) => {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { muted: true });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  await maria.enters(meeting.byLink);
  await anna.meets(maria);
  await anna.run(() => {
    const heard: { rawId: string; diagnostic: string; value: unknown }[] = [];
    Object.assign(window, { heard });
    sdk.call.feature(sdk.module.Features.UserFacingDiagnostics).remote.on('diagnosticChanged', ({ diagnostics }) => {
      for (const { rawId, diagnostic, value } of diagnostics) heard.push({ rawId, diagnostic, value });
    });
  });
  expect(await maria.run(() => sdk.call.feature(sdk.module.Features.UserFacingDiagnostics).remote.isSendingDiagnosticsEnabled)).toBe(false);
  await maria.run(() => { sdk.call.feature(sdk.module.Features.UserFacingDiagnostics).remote.startSendingDiagnostics(); });
  // The fake microphone goes on beeping: the browser hears speech while the person is muted.
  await maria.run(() => sdk.call.mute());
  interface Heard { rawId: string; diagnostic: string; value: unknown }
  await anna.until((id) => {
    const { heard } = window as unknown as { heard: Heard[] };
    return heard.some(({ rawId, diagnostic, value }) => rawId === id && diagnostic === 'speakingWhileMicrophoneIsMuted' && value === true);
  }, maria.id);
});

test('who waits in the lobby says nothing, and does once inside', async ({ bench }) => {
  const meeting = await bench.meeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { muted: true });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  await maria.join(meeting.byLink, { muted: true });
  await maria.state('InLobby');
  const type = () => sdk.call.feature(sdk.module.Features.RealTimeText).sendRealTimeText('hello', true);
  const send = () => {
    const feature = sdk.call.feature(sdk.module.Features.DataChannel);
    return feature.createDataChannelSender({ channelId: 5, reliability: 'Durable' }).sendMessage(new Uint8Array([1]));
  };
  expect((await maria.refused(type)).subCode).toBe(46600);
  expect((await maria.refused(send)).subCode).toBe(46600);
  await anna.admits(maria);
  await maria.state('Connected');
  await anna.meets(maria);
  await anna.events('Features.RealTimeText', 'realTimeTextReceived');
  await anna.events('Features.DataChannel', 'dataChannelReceiverCreated');
  await maria.run(type);
  await anna.waitEvent<{ text: string }>('Features.RealTimeText', 'realTimeTextReceived', ({ text }) => text === 'hello');
  await maria.run(() => sdk.call.feature(sdk.module.Features.DataChannel).createDataChannelSender({ channelId: 6, reliability: 'Durable' }).sendMessage(new Uint8Array([1])));
  await anna.waitEvent('Features.DataChannel', 'dataChannelReceiverCreated');
});
