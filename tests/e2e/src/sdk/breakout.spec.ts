/** Breakout rooms end to end: three browsers, the main meeting and its rooms, each with a media path of its own. */
import type { BreakoutRoomsEventData } from '@anteroom/calling';

import { type Bench, expect, test } from './bench.js';
import { flows, packets, stands } from './flow.js';
import type { Person } from './person.js';

const ROOMS = 'Features.BreakoutRooms';

/** Anna organizes; Ben is a member, Maria a guest; all are inside with microphone. Ben and Maria are assigned to Blue. */
async function scene(bench: Bench, guests: boolean, plan: { autoMove?: boolean; seconds?: number } = {}) {
  await bench.policy({ guestBreakoutRooms: guests });
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  const ben = await bench.person({ kind: 'member', member: 1 });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  await anna.enters(meeting.byLink);
  for (const person of [ben, maria]) {
    await person.enters(meeting.byLink);
    await person.events(ROOMS, 'breakoutRoomsUpdated');
    await person.run(remember);
  }
  await Promise.all([anna.meets(ben), anna.meets(maria), ben.meets(maria)]);
  await anna.run(
    ([ids, more]) => {
      const invitees = ids.map((id) => sdk.common.createIdentifierFromRawId(id));
      const rooms = [{ displayName: 'Blue', invitees }, { displayName: 'Red', invitees: [] }];
      return sdk.call.meeting!.breakout.plan({ rooms, ...more });
    },
    [[ben.id, maria.id], plan] as [string[], { autoMove?: boolean; seconds?: number }],
  );
  return { meeting, anna, ben, maria };
}

/** Keeps what was told with its objects, and the main call as `main`. */
function remember(): void {
  const told: BreakoutRoomsEventData[] = [];
  Object.assign(window, { told, main: sdk.call });
  sdk.call.feature(sdk.module.Features.BreakoutRooms).on('breakoutRoomsUpdated', (event) => {
    told.push(event);
    if (event.type !== 'join' || !event.data) return;
    Object.assign(window, { roomCall: event.data });
    event.data.meeting?.breakout.on('message', ({ displayName, text }) => {
      Object.assign(window, { message: `${displayName}: ${text}` });
    });
  });
}

type Kept = { main: typeof sdk.call; roomCall?: typeof sdk.call; told: BreakoutRoomsEventData[]; message?: string };

const open = () => sdk.call.meeting!.breakout.open();
const close = () => sdk.call.meeting!.breakout.close();
const states = () => {
  const { main, roomCall } = window as unknown as Kept;
  return [main.state, roomCall?.state];
};

/** Waits until somebody is in a room and their main call is held. */
async function inRoom(person: Person): Promise<void> {
  await person.until(() => {
    const { main, roomCall } = window as unknown as Kept;
    return main.state === 'LocalHold' && roomCall?.state === 'Connected';
  });
}

/** Packets that each peer connection of the page has received; the main call's comes first. */
const received = async (person: Person): Promise<number[]> => (await flows(person)).map(packets);

test('people are moved into their room, hear only the room, read what is said to all, and return when it closes', async ({ bench }) => {
  const { anna, ben, maria } = await scene(bench, true, { autoMove: true });
  await anna.run(open);
  await Promise.all([inRoom(ben), inRoom(maria)]);

  // The others of the main meeting see that they are elsewhere.
  await anna.until((id) => sdk.participant(id)?.state === 'Hold', maria.id);
  const inBlue = () => (window as unknown as Kept).roomCall!.remoteParticipants.map(({ displayName }) => displayName);
  await maria.until(() => (window as unknown as Kept).roomCall!.remoteParticipants.length === 1);
  expect(await maria.run(inBlue)).toEqual([bench.desk.account(1).displayName]);
  expect(await maria.run(() => (window as unknown as Kept).roomCall!.info.threadId)).toBeUndefined();

  // Anna speaks in the main meeting all the time, Ben in the room: what comes in is the room's.
  const [main, room] = [0, 1].map((at) => async () => (await received(maria))[at] ?? 0) as [() => Promise<number>, () => Promise<number>];
  await stands(main, room, 150, 'nothing of the main meeting arrives');

  await anna.run(() => sdk.call.meeting!.breakout.say('Ten minutes left'));
  const message = `${bench.desk.account(0).displayName}: Ten minutes left`;
  for (const person of [ben, maria]) await person.until((text) => (window as unknown as Kept).message === text, message);

  await anna.run(close);
  for (const person of [ben, maria]) {
    await person.until(() => {
      const { main, roomCall } = window as unknown as Kept;
      return main.state === 'Connected' && roomCall?.state === 'Disconnected';
    });
    const reason = await person.run(() => (window as unknown as Kept).roomCall?.callEndReason);
    expect(reason).toMatchObject({ code: 0, subCode: 5030 });
    const told = await person.run(() => (window as unknown as Kept).told.map(({ type, data }) => (type === 'assignedBreakoutRooms' ? `${type} ${data?.state ?? ''}` : type)));
    // Ben manages the rooms too, and is told of all of them besides.
    expect(told.filter((type) => type !== 'breakoutRooms')).toEqual(['assignedBreakoutRooms closed', 'assignedBreakoutRooms open', 'join', 'assignedBreakoutRooms closed']);
  }
  await anna.until((id) => sdk.participant(id)?.state === 'Connected', maria.id);
  // The main meeting is heard again.
  const silent = await main();
  await expect.poll(main, { message: 'the main meeting is heard' }).toBeGreaterThan(silent + 100);
});

test('a guest knows of no room by default and cannot get in, and is moved once the policy opens the rooms', async ({ bench }) => {
  const { anna, ben, maria } = await scene(bench, false, { autoMove: true });
  await anna.run(open);
  await inRoom(ben);
  expect(await maria.run(() => sdk.call.feature(sdk.module.Features.BreakoutRooms).assignedBreakoutRooms)).toBeUndefined();
  expect(await maria.run(() => sdk.call.feature(sdk.module.Features.Capabilities).capabilities.joinBreakoutRooms)).toEqual({
    isPresent: false,
    reason: 'UserPolicyRestricted',
  });
  expect(maria.witness.frames.join('\n')).not.toContain('Blue');
  expect(maria.heard(ROOMS, 'breakoutRoomsUpdated')).toEqual([]);
  // The twin, without anybody leaving.
  await bench.policy({ guestBreakoutRooms: true });
  await inRoom(maria);
  expect(await maria.run(() => (window as unknown as Kept).roomCall!.remoteParticipants.length)).toBe(1);
  // And back: the policy acts in the room too.
  await bench.policy({ guestBreakoutRooms: false });
  await maria.until(() => {
    const { main, roomCall } = window as unknown as Kept;
    return main.state === 'Connected' && roomCall?.state === 'Disconnected';
  });
  expect(await maria.run(() => (window as unknown as Kept).roomCall?.callEndReason)).toMatchObject({ code: 403, subCode: 45803 });
  expect(await ben.run(states)).toEqual(['LocalHold', 'Connected']);
});

test('who is not moved joins when they like, sees the end coming, is moved to another room and returns by themselves', async ({ bench }) => {
  const { anna, maria } = await scene(bench, true, { autoMove: false, seconds: 600 });
  const join = () => sdk.call.feature(sdk.module.Features.BreakoutRooms).assignedBreakoutRooms!.join().then(() => undefined);
  expect(await maria.refused(join)).toMatchObject({
    code: 409,
    reason: 'breakoutRoomClosed',
  });
  await anna.run(open);
  await maria.until(() => sdk.call.feature(sdk.module.Features.BreakoutRooms).assignedBreakoutRooms?.state === 'open');
  expect(await maria.run(states)).toEqual(['Connected', undefined]);
  await maria.run(join);
  await inRoom(maria);
  const ends = await maria.run(() => (window as unknown as Kept).roomCall!.feature(sdk.module.Features.BreakoutRooms).breakoutRoomsSettings?.roomEndTime);
  expect(new Date(ends ?? '').getTime()).toBeGreaterThan(Date.now() + 300_000);

  const back = () => sdk.call.feature(sdk.module.Features.BreakoutRooms).assignedBreakoutRooms!.returnToMainMeeting().then((call) => call === sdk.call);
  expect(await maria.run(back)).toBe(true);
  expect(await maria.run(states)).toEqual(['Connected', 'Disconnected']);

  // Somebody who may not manage rooms is refused.
  expect((await maria.refused(() => sdk.call.meeting!.breakout.close())).subCode).toBe(46740);
  await maria.run(join);
  await inRoom(maria);
  const red = await anna.run(() => sdk.call.meeting!.breakout.rooms[1]!.id);
  await anna.run(([id, room]) => sdk.call.meeting!.breakout.assign(sdk.common.createIdentifierFromRawId(id), room), [maria.id, red] as [string, string]);
  await maria.until(() => sdk.call.feature(sdk.module.Features.BreakoutRooms).assignedBreakoutRooms?.displayName === 'Red');
  await maria.until(() => (window as unknown as Kept).roomCall?.state === 'Disconnected');
  await maria.run(join);
  await inRoom(maria);
  // Removed from the meeting: out of both.
  await anna.run((id) => sdk.call.removeParticipant(sdk.common.createIdentifierFromRawId(id)), maria.id);
  await maria.until(() => {
    const { main, roomCall } = window as unknown as Kept;
    return main.state === 'Disconnected' && roomCall?.state === 'Disconnected';
  });
  expect(await maria.run(() => (window as unknown as Kept).main.callEndReason)).toMatchObject({ code: 0, subCode: 5300 });
});

test('rooms that are open for a time close by themselves when it is over, and everybody returns', async ({ bench }) => {
  const seconds = 20;
  const { anna, ben, maria } = await scene(bench, true, { autoMove: true, seconds });
  const opened = Date.now();
  await anna.run(open);
  await Promise.all([inRoom(ben), inRoom(maria)]);
  const told = await maria.run(() => (window as unknown as Kept).roomCall!.feature(sdk.module.Features.BreakoutRooms).breakoutRoomsSettings?.roomEndTime);
  expect(Math.abs(new Date(told ?? '').getTime() - opened - seconds * 1_000)).toBeLessThan(5_000);
  for (const person of [ben, maria]) {
    await person.until(() => {
      const { main, roomCall } = window as unknown as Kept;
      return main.state === 'Connected' && roomCall?.state === 'Disconnected';
    });
    expect(await person.run(() => (window as unknown as Kept).roomCall?.callEndReason)).toMatchObject({ code: 0, subCode: 5030 });
  }
  expect(Date.now() - opened, 'not before their time').toBeGreaterThan((seconds - 1) * 1_000);
  await anna.until((ids) => ids.every((id) => sdk.participant(id)?.state === 'Connected'), [ben.id, maria.id]);
});
