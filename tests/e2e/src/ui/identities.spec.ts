/** The other composites: a member with the Teams identity, and a guest with chat beside the call, of a meeting or of a group. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { ChatClient } from '@azure/communication-chat';
import { AzureCommunicationTokenCredential } from '@azure/communication-common';

import { type UiPerson, expect, test } from './stage.js';

for (const by of ['byLink', 'byId'] as const) {
  test(`a member joins with the Teams identity, without waiting, and ends the meeting for everyone: ${by === 'byLink' ? 'join link' : 'meeting ID and passcode'}`, async ({ bench, ui }) => {
    const meeting = await bench.openMeeting();
    const anna = await ui.person({ composite: 'teams', member: 0, locator: meeting[by] });
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
}

/** Writes into the chat beside the call. */
async function write(from: UiPerson, text: string): Promise<void> {
  const box = from.page.getByPlaceholder('Enter a message');
  await box.fill(text);
  await box.press('Enter');
}

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
  await write(maria, 'Hello from Maria');
  await expect(ben.page.getByLabel('Maria said Hello from Maria')).toBeVisible();
  await write(ben, 'Hello from Ben');
  await expect(maria.page.getByLabel('Ben said Hello from Ben')).toBeVisible();
});

test('two guests of a group call chat in a thread that the application made, and see and hear each other', async ({ bench, house, ui }) => {
  const [one, other, stranger] = [await bench.desk.guest(), await bench.desk.guest(), await bench.desk.guest()];
  const { origin, caCertificate } = house.ready;
  const chat = (token: string) => new ChatClient(origin, new AzureCommunicationTokenCredential(token), { tlsOptions: { ca: readFileSync(caCertificate) } });
  const participants = [{ id: { communicationUserId: other.id }, displayName: 'Ben' }];
  const { chatThread } = await chat(one.token).createChatThread({ topic: 'Group' }, { participants });
  if (chatThread === undefined) throw new Error('no thread was made');
  const locator = { groupId: randomUUID() };
  const open = async (name: string, ticket: typeof one): Promise<UiPerson> => {
    const guest = await ui.person({ composite: 'callWithChat', name, ticket, locator, threadId: chatThread.id });
    await guest.cameraOn();
    await guest.starts();
    await guest.on('call');
    await guest.at('call-with-chat-composite-chat-button').click();
    return guest;
  };
  const maria = await open('Maria', one);
  const ben = await open('Ben', other);
  await Promise.all([maria.moves(maria.tile('Ben')), ben.moves(ben.tile('Maria'))]);
  await write(maria, 'Hello from Maria');
  await expect(ben.page.getByLabel('Maria said Hello from Maria')).toBeVisible();
  await write(ben, 'Hello from Ben');
  await expect(maria.page.getByLabel('Ben said Hello from Ben')).toBeVisible();
  // It is the application's thread, which only its members read: the same group does not open it.
  const texts = async (token: string): Promise<unknown[]> => {
    const found: unknown[] = [];
    for await (const { type, content } of chat(token).getChatThreadClient(chatThread.id).listMessages()) if (type === 'text') found.push(content?.message);
    return found;
  };
  expect(await texts(one.token)).toEqual(['Hello from Ben', 'Hello from Maria']);
  await expect(texts(stranger.token)).rejects.toMatchObject({ statusCode: 403 });
});
