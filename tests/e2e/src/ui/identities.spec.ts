/** The other composites: a member with the Teams identity, and a guest with chat beside the call. */
import { expect, test } from './stage.js';

test('a member joins with the Teams identity, without waiting, and ends the meeting for everyone', async ({ bench, ui }) => {
  const meeting = await bench.openMeeting();
  const anna = await ui.person({ composite: 'teams', member: 0, locator: meeting.byLink });
  await anna.cameraOn();
  await anna.starts();
  await anna.on('call');
  const ben = await bench.person({ kind: 'guest', name: 'Ben' });
  await ben.enters(meeting.byLink, { camera: true });
  await Promise.all([anna.moves(anna.tile('Ben')), ben.decodes(anna.id)]);
  await anna.at('call-composite-hangup-button').click();
  await anna.page.getByRole('menuitem', { name: 'End call for everyone' }).click();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'End call' }).click();
  await anna.on('leftCall');
  expect((await ben.endReason()).subCode).toBe(4097);
});

test('a guest chats beside the call, both ways, once let in', async ({ bench, ui }) => {
  const meeting = await bench.meeting();
  const door = await bench.person({ kind: 'member', member: 0 });
  await door.enters(meeting.byLink);
  const [maria, ben] = await Promise.all(
    ['Maria', 'Ben'].map(async (name) => {
      const guest = await ui.person({ composite: 'callWithChat', name, locator: meeting.byLink });
      await guest.starts();
      await guest.on('lobby');
      await door.admits(guest);
      await guest.on('call');
      await guest.at('call-with-chat-composite-chat-button').click();
      return guest;
    }),
  );
  if (maria === undefined || ben === undefined) throw new Error('two guests were asked for');
  const write = async (from: typeof maria, text: string): Promise<void> => {
    const box = from.page.getByPlaceholder('Enter a message');
    await box.fill(text);
    await box.press('Enter');
  };
  await write(maria, 'Hello from Maria');
  await expect(ben.page.getByLabel('Maria said Hello from Maria')).toBeVisible();
  await write(ben, 'Hello from Ben');
  await expect(maria.page.getByLabel('Ben said Hello from Ben')).toBeVisible();
});
