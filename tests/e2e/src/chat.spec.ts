/** The chat of a meeting in the members' pages, with a guest on the calling SDK who writes with the published chat client. */
import type { ChatThreadClient } from '@azure/communication-chat';
import type { Page } from '@playwright/test';

import { type House } from './house.js';
import { admit, memberJoins, schedule, signIn, visitorAsks } from './pages.js';
import { published } from './published-chat.js';
import { type Bench, expect, test } from './sdk/bench.js';

async function contents(thread: ChatThreadClient): Promise<string[]> {
  const found: string[] = [];
  for await (const { type, content } of thread.listMessages()) if (type === 'text') found.push(content?.message ?? '');
  return found;
}

const message = (page: Page, text: string) => page.getByTestId('chat-message').filter({ hasText: text });

/** Anna is in a meeting in the page; a guest on the SDK is in it too. */
async function together(house: House, bench: Bench, page: Page, subject: string) {
  await signIn(page, house, house.organizer);
  const meeting = await schedule(page, subject, { lobbyScope: 'everyone' });
  await memberJoins(page);
  const ticket = await bench.desk.guest();
  const guest = await bench.person({ kind: 'guest', name: 'Ada', ticket });
  await guest.join({ meetingLink: meeting.joinLink });
  await guest.state('Connected');
  const threadId = await guest.run(() => window.sdk.call?.info.threadId ?? '');
  return { meeting, guest, thread: published(house, ticket, threadId) };
}

test('a member in the page and a guest with the published chat client read each other', async ({ house, bench, newPerson }) => {
  const { page } = await newPerson();
  const { guest, thread } = await together(house, bench, page, 'Talking');

  // Closed: the button says that something is new.
  await thread.sendMessage({ content: 'Hello <b>there</b>' }, { senderDisplayName: 'Somebody else' });
  await expect(page.getByTestId('control-chat')).toHaveAttribute('aria-label', 'Show the chat (1 new)', { timeout: 30_000 });
  await expect(page.getByTestId('announcements')).toContainText('New chat message from Ada.');
  await page.getByTestId('control-chat').click();
  const pane = page.getByTestId('chat-pane');
  await expect(message(page, 'Hello <b>there</b>')).toContainText('Ada');
  await expect(pane.locator('b')).toHaveCount(0);
  await expect(page.getByTestId('control-chat')).toHaveAttribute('aria-label', 'Hide the chat');
  await expect(page.getByTestId('chat-system').filter({ hasText: 'Ada joined the chat' })).toBeVisible();

  // HTML of others is text here.
  await thread.sendMessage({ content: '<p>rich<img src="x" onerror="document.title=\'taken\'"></p>' }, { type: 'html' });
  await expect(message(page, 'rich')).toBeVisible();
  await expect(pane.locator('img')).toHaveCount(0);

  // What is long is shown on demand, with the keyboard too, and what was typed meanwhile is the field's.
  await thread.sendMessage({ content: `Long ${'word '.repeat(2000)}end` });
  await expect(message(page, 'Long')).not.toContainText('end');
  await pane.getByTestId('chat-all').press('Enter');
  await expect(message(page, 'Long')).toContainText('end');
  await expect(pane.getByTestId('chat-all')).toBeFocused();
  await page.getByTestId('chat-input').focus();

  // With the keyboard: the field has the focus, Shift+Enter begins a line, Enter sends.
  await expect(page.getByTestId('chat-input')).toBeFocused();
  await page.keyboard.type('First');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('second');
  expect(await contents(thread)).not.toContain('First\nsecond');
  await page.keyboard.press('Enter');
  await expect(message(page, 'second')).toHaveAttribute('data-own', 'true');
  await expect(page.getByTestId('chat-input')).toHaveValue('');
  expect(await contents(thread)).toContain('First\nsecond');

  await page.keyboard.press('Escape');
  await expect(pane).toHaveCount(0);
  await expect(page.getByTestId('control-chat')).toBeFocused();

  await guest.run(() => window.sdk.call?.hangUp());
  await page.getByTestId('control-chat').click();
  await expect(page.getByTestId('chat-system').filter({ hasText: 'Ada left the chat' })).toBeVisible();
});

test('a visitor of the join page chats once admitted, on a phone from the menu', async ({ house, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'Visitors talk');
  await memberJoins(anna.page);
  await anna.page.getByTestId('control-chat').click();
  await anna.page.getByTestId('chat-input').fill('Before');
  await anna.page.getByTestId('chat-send').click();
  await expect(message(anna.page, 'Before')).toBeVisible();

  const maria = await newPerson({ viewport: { width: 390, height: 844 } });
  const asked: string[] = [];
  maria.page.on('request', (request) => {
    if (request.url().includes('/chat/')) asked.push(request.url());
  });
  await visitorAsks(maria.page, meeting.joinLink, 'Maria');
  await expect(maria.page.getByTestId('waiting-text')).toBeVisible();
  expect(asked, 'who waits asks for no chat').toEqual([]);
  await admit(anna.page, 'Maria');
  await expect(maria.page.getByTestId('stage')).toBeVisible();
  await maria.page.getByTestId('control-more').click();
  await maria.page.getByTestId('more-chat').click();
  await maria.page.getByTestId('chat-input').fill('From the phone');
  await maria.page.getByTestId('chat-input').press('Enter');
  await expect(message(maria.page, 'From the phone')).toHaveAttribute('data-own', 'true');
  await expect(message(maria.page, 'Before'), 'what was written before the admission is not theirs').toHaveCount(0);
  await maria.page.getByTestId('close-chat').click();
  await expect(maria.page.getByTestId('control-more')).toBeFocused();

  await anna.page.getByTestId('control-chat').click();
  await expect(message(anna.page, 'From the phone')).toContainText('Maria');
});

test('where the policy turns chats off, the page says so and takes nothing', async ({ house, bench, newPerson }) => {
  const before = await bench.desk.settings({ policy: { meetingChatEnabledType: 'Disabled' } });
  try {
    const { page } = await newPerson();
    await signIn(page, house, house.organizer);
    await schedule(page, 'Silence', { lobbyScope: 'everyone' });
    await memberJoins(page);
    await page.getByTestId('control-chat').click();
    await expect(page.getByTestId('chat-why')).toContainText('An administrator has turned the chat of meetings off');
    await expect(page.getByTestId('chat-input')).toHaveAttribute('readonly', '');
    // Allowed again, and opened again: it takes messages.
    await bench.desk.settings({ policy: before.policy });
    await page.getByTestId('close-chat').click();
    await page.getByTestId('control-chat').click();
    await expect(page.getByTestId('chat-why')).toHaveCount(0);
    await page.getByTestId('chat-input').fill('Allowed');
    await page.getByTestId('chat-input').press('Enter');
    await expect(message(page, 'Allowed')).toBeVisible();
  } finally {
    await bench.desk.settings({ policy: before.policy });
  }
});
