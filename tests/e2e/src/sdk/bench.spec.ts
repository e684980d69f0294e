/** The bench itself: two people of the SDK see and hear each other through the server. */
import { expect, test } from './bench.js';

test('a member and a guest see and hear each other', async ({ bench }) => {
  const meeting = await bench.meeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { camera: true });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  await maria.join(meeting.byId, { camera: true });
  await maria.state('InLobby');
  await anna.admits(maria);
  await maria.state('Connected');
  await Promise.all([anna.meets(maria), maria.meets(anna)]);
  await Promise.all([anna.decodes(maria), maria.decodes(anna)]);
  await Promise.all([anna.hears(), maria.hears()]);
});

test('a member and a guest meet by the coordinates of the link, and not by those of another organizer, tenant or thread', async ({ bench }) => {
  const { byCoordinates } = await bench.openMeeting();
  expect(byCoordinates).toMatchObject({ organizerId: bench.desk.account(0).id, tenantId: bench.house.ready.tenantId, messageId: '0' });
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(byCoordinates, { camera: true });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  const wrong = [
    { ...byCoordinates, organizerId: bench.desk.account(1).id },
    { ...byCoordinates, tenantId: crypto.randomUUID() },
    { ...byCoordinates, threadId: byCoordinates.threadId.replace('meeting_', 'meeting_x') },
  ];
  for (const locator of wrong) {
    await maria.join(locator, { muted: true });
    expect(await maria.endReason()).toMatchObject({ code: 404, subCode: 5902 });
  }
  await maria.enters(byCoordinates, { camera: true });
  await Promise.all([anna.meets(maria), maria.meets(anna)]);
  await Promise.all([anna.decodes(maria), maria.hears()]);
});

test('what happens is recorded, and what is refused is told', async ({ bench }) => {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.events('Features.RaiseHand', 'raisedHandEvent');
  await anna.enters(meeting.byLink);
  const ben = await bench.person({ kind: 'member', member: 1 });
  await ben.enters(meeting.byLink, { muted: true });
  await ben.run(() => sdk.call.feature(sdk.module.Features.RaiseHand).raiseHand());
  expect(await anna.waitEvent('Features.RaiseHand', 'raisedHandEvent')).toEqual({ identifier: ben.id });
  const refusal = await ben.refused(() => sdk.call.stopVideo({} as never));
  expect([refusal.code, refusal.subCode]).toEqual([400, 41030]);
  await anna.leave({ forEveryone: true });
  expect((await ben.endReason()).subCode).toBe(4097);
});

test('what the browser says of a resource that fails is an error of the page, except of somebody whose network is taken away', async ({ bench }) => {
  const maria = await bench.person({ kind: 'guest', name: 'Maria', cutOff: true });
  const jose = await bench.person({ kind: 'guest', name: 'José' });
  const ask = async (): Promise<void> => { await fetch('/nothing'); console.error('asked'); };
  for (const person of [maria, jose]) {
    await person.run(ask);
    await expect.poll(() => person.errors.at(-1)).toBe('asked');
  }
  expect(maria.errors).toEqual(['asked']);
  expect(jose.errors).toEqual([expect.stringContaining('Failed to load resource'), 'asked']);
  for (const person of [maria, jose]) person.errors.length = 0;
});
