// What clients tell each other through the meeting: typed text and data channels.
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { DataChannelReceiver, RealTimeTextInfo } from '../src/index';
import { Features } from '../src/index';
import type { Refusal } from '../src/wire';
import { FakeMediaStream, MEMBER, OWN, connectedCall, refusal, settle } from './harness';

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  vi.stubGlobal('navigator', { mediaDevices: undefined, userAgent: '' });
});

const TOO_FAST: Partial<Refusal> = { code: 429, subCode: 46700, name: 'tooFast', fixableBy: 'application', policy: null };
const sender = { identifier: { microsoftTeamsUserId: MEMBER.slice('8:orgid:'.length) } };

describe('real-time text', () => {
  it('is told as it is typed, with its line, its typist and whether it is the own one', async () => {
    const { call, socket } = await connectedCall();
    const lines: RealTimeTextInfo[] = [];
    call.feature(Features.RealTimeText).on('realTimeTextReceived', (line) => lines.push(line));
    const at = { began: '2026-03-02T09:00:10Z', updated: '2026-03-02T09:00:11Z' };
    socket.event(2, { type: 'typed', text: { participant: MEMBER, displayName: 'Maria', sequence: 1, text: 'one', isFinal: false, ...at } });
    socket.event(3, { type: 'typed', text: { participant: OWN, displayName: 'Guest', sequence: 4, text: 'yes', isFinal: true, ...at } });
    expect(lines).toMatchObject([
      { sequenceId: 1, sender: { ...sender, displayName: 'Maria' }, text: 'one', resultType: 'Partial', isLocal: false },
      { sequenceId: 4, text: 'yes', resultType: 'Final', isLocal: true },
    ]);
    expect(lines[0]?.receivedTimestamp.toISOString()).toBe('2026-03-02T09:00:10.000Z');
    expect(lines[0]?.updatedTimestamp.getTime()).toBeGreaterThan(lines[0]?.receivedTimestamp.getTime() ?? Infinity);
  });

  it('sends one line at a time, replaces a partial line that waits and never a finished one', async () => {
    const { call, socket } = await connectedCall();
    const text = call.feature(Features.RealTimeText);
    const sent = [text.sendRealTimeText('o'), text.sendRealTimeText('on'), text.sendRealTimeText('one', true), text.sendRealTimeText('t')];
    await settle();
    const told: unknown[] = [];
    for (let at = 0; at < 3; at += 1) {
      const { id, body } = socket.last('sendTyped');
      told.push(body);
      socket.reply(id, { type: 'done' });
      await settle();
    }
    await Promise.all(sent);
    expect(told).toEqual([
      { type: 'sendTyped', text: 'o', isFinal: false },
      { type: 'sendTyped', text: 'one', isFinal: true },
      { type: 'sendTyped', text: 't', isFinal: false },
    ]);
  });

  it('is sent again a moment after the server said that it came too fast, and rejected for any other reason', async () => {
    const { call, socket, platform } = await connectedCall();
    const text = call.feature(Features.RealTimeText);
    const first = text.sendRealTimeText('o');
    await settle();
    socket.refuse(socket.last('sendTyped').id, refusal(TOO_FAST));
    await platform.advance(200);
    const again = socket.last('sendTyped');
    socket.reply(again.id, { type: 'done' });
    await first;
    const second = text.sendRealTimeText('p');
    await settle();
    socket.refuse(socket.last('sendTyped').id, refusal({ subCode: 46701, name: 'typedTextForbidden' }));
    await expect(second).rejects.toMatchObject({ subCode: 46701 });
  });

  it('settles what waits when the call ends', async () => {
    const { call } = await connectedCall();
    const text = call.feature(Features.RealTimeText);
    const waiting = [text.sendRealTimeText('o', true), text.sendRealTimeText('p', true)].map((one) => one.catch((error: unknown) => error));
    await call.hangUp();
    expect(await Promise.all(waiting)).toMatchObject([{ code: 400, subCode: 41000 }, { code: 400, subCode: 41000 }]);
  });
});

describe('text after the call', () => {
  it('is refused at once, also when the last line was waiting to be sent again', async () => {
    const { call, socket } = await connectedCall();
    const text = call.feature(Features.RealTimeText);
    const waiting = text.sendRealTimeText('o').catch((error: unknown) => error);
    await settle();
    socket.refuse(socket.last('sendTyped').id, refusal(TOO_FAST));
    await settle();
    await call.hangUp();
    expect(await waiting).toMatchObject({ subCode: 41000 });
    await expect(text.sendRealTimeText('p')).rejects.toMatchObject({ subCode: 41000 });
  });
});

describe('data channels', () => {
  it('keep a bounded share of what one sender sends and nobody reads, the newest of it', async () => {
    const { call, socket } = await connectedCall();
    const receivers: DataChannelReceiver[] = [];
    call.feature(Features.DataChannel).on('dataChannelReceiverCreated', (receiver) => receivers.push(receiver));
    const data = btoa('x'.repeat(32 * 1024));
    let revision = 2;
    for (let sequence = 1; sequence <= 300; sequence += 1, revision += 1) {
      socket.event(revision, { type: 'data', message: { participant: MEMBER, channel: 7, sequence, data } });
    }
    for (let channel = 1_000; channel < 1_400; channel += 1, revision += 1) {
      socket.event(revision, { type: 'data', message: { participant: MEMBER, channel, sequence: 1, data: btoa('y') } });
    }
    expect(receivers).toHaveLength(256);
    const read = [];
    for (let message = receivers[0]?.readMessage(); message !== undefined; message = receivers[0]?.readMessage()) read.push(message.sequenceNumber);
    expect(read.length * 32 * 1024).toBeLessThanOrEqual(8 * 1024 * 1024);
    expect([read.length > 200, read.at(-1)]).toEqual([true, 300]);
  });

  it('give a receiver for each sender and channel, with its messages in order, until the sender leaves', async () => {
    const { call, socket } = await connectedCall();
    const receivers: DataChannelReceiver[] = [];
    call.feature(Features.DataChannel).on('dataChannelReceiverCreated', (receiver) => receivers.push(receiver));
    const message = (channel: number, sequence: number, data: string) =>
      ({ type: 'data', message: { participant: MEMBER, channel, sequence, data } }) as const;
    socket.event(2, message(7, 1, btoa('a')));
    let ready = 0;
    let closed = 0;
    receivers[0]?.on('messageReady', () => { ready += 1; });
    receivers[0]?.on('close', () => { closed += 1; });
    socket.event(3, message(7, 2, btoa('b')));
    socket.event(4, message(8, 1, btoa('c')));
    socket.event(5, message(7, 3, '%%%'));
    expect(receivers.map(({ channelId }) => channelId)).toEqual([7, 8]);
    expect(receivers[0]?.senderParticipantIdentifier).toMatchObject(sender.identifier);
    const read = [receivers[0]?.readMessage(), receivers[0]?.readMessage(), receivers[0]?.readMessage()];
    expect(read.map((one) => one && [one.sequenceNumber, new TextDecoder().decode(one.data)])).toEqual([[1, 'a'], [2, 'b'], undefined]);
    expect([ready, closed]).toEqual([1, 0]);
    socket.event(6, { type: 'participants', upserted: [], left: [{ id: MEMBER, removed: false }] });
    expect(closed).toBe(1);
  });

  it('send durable messages in order, again when they came too fast', async () => {
    const { call, socket, platform } = await connectedCall();
    const channel = call.feature(Features.DataChannel).createDataChannelSender({ channelId: 7, reliability: 'Durable' });
    const sent = [channel.sendMessage(new Uint8Array([1])), channel.sendMessage(new Uint8Array([2]))];
    await settle();
    socket.refuse(socket.last('sendData').id, refusal(TOO_FAST));
    await platform.advance(200);
    const order: number[] = [];
    for (let at = 0; at < 2; at += 1) {
      const { id, body } = socket.last('sendData');
      order.push(body.sequence);
      socket.reply(id, { type: 'done' });
      await settle();
    }
    await Promise.all(sent);
    expect(order).toEqual([1, 2]);
  });

  it('send lossy messages once, to those who are named', async () => {
    const { call, socket } = await connectedCall();
    const channel = call.feature(Features.DataChannel).createDataChannelSender({ channelId: 9, participants: [sender.identifier] });
    const sent = channel.sendMessage(new TextEncoder().encode('hello'));
    await settle();
    const { id, body } = socket.last('sendData');
    expect(body).toEqual({ type: 'sendData', channel: 9, sequence: 1, lossy: true, participants: [MEMBER], data: btoa('hello') });
    socket.refuse(id, refusal(TOO_FAST));
    await expect(sent).rejects.toMatchObject({ code: 429 });
  });

  it('refuse a number twice or out of range, a message that is too large, and everything once closed', async () => {
    const { call } = await connectedCall();
    const feature = call.feature(Features.DataChannel);
    const channel = feature.createDataChannelSender({ channelId: 7 });
    expect(() => feature.createDataChannelSender({ channelId: 7 })).toThrow(expect.objectContaining({ subCode: 45814 }));
    expect(() => feature.createDataChannelSender({ channelId: 65_536 })).toThrow(expect.objectContaining({ subCode: 45813 }));
    await expect(channel.sendMessage(new Uint8Array(channel.maxMessageSizeInBytes + 1))).rejects.toMatchObject({ subCode: 45812 });
    await channel.close();
    await expect(channel.sendMessage(new Uint8Array(1))).rejects.toMatchObject({ subCode: 45815 });
    expect(feature.createDataChannelSender({ channelId: 7 }).channelId).toBe(7);
    // Without a number a free one is taken.
    expect([feature.createDataChannelSender({}).channelId, feature.createDataChannelSender({}).channelId]).toEqual([65_535, 65_534]);
  });
});
