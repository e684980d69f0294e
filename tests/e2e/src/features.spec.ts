/** The meeting's features in the members' pages: what one person does in the page, the other browser sees. */
import type { Page } from '@playwright/test';

import { type Person, type Scheduled, openPeople, joinNow, memberJoins, schedule, signIn, visitorAsks } from './pages.js';
import type { House } from './house.js';
import { spoken } from './sdk/voice.js';
import { Desk } from './sdk/tokens.js';
import { expect, test } from './test.js';

/** Anna organizes and is in the meeting in the page; everybody may come in at once. */
async function anna(newPerson: () => Promise<Person>, house: House, subject: string): Promise<Person & { meeting: Scheduled }> {
  const person = await newPerson();
  await signIn(person.page, house, house.organizer);
  const meeting = await schedule(person.page, subject, { lobbyScope: 'everyone' });
  await memberJoins(person.page);
  return { ...person, meeting };
}

async function visitor(newPerson: () => Promise<Person>, meeting: Scheduled, name: string): Promise<Person> {
  const person = await newPerson();
  await visitorAsks(person.page, meeting.joinLink, name);
  await expect(person.page.getByTestId('stage')).toBeVisible();
  return person;
}

const tile = (page: Page, name: string) => page.getByTestId('tile').filter({ hasText: name });

async function more(page: Page, item: string): Promise<void> {
  await page.getByTestId('control-more').click();
  await page.getByTestId(item).click();
}

test('a reaction in one page floats on the tile in the other, both ways', async ({ house, newPerson }) => {
  const organizer = await anna(newPerson, house, 'Reactions');
  const maria = await visitor(newPerson, organizer.meeting, 'Maria');
  await expect(tile(organizer.page, 'Maria')).toBeVisible();

  await organizer.page.getByTestId('control-react').click();
  await organizer.page.getByTestId('react-applause').click();
  await expect(tile(maria.page, house.organizer.displayName).getByTestId('reaction')).toHaveAttribute('data-reaction', 'applause');
  await expect(organizer.page.getByTestId('local-tile').getByTestId('reaction')).toBeVisible();
  await expect(maria.page.getByTestId('announcements')).toContainText('reacted: Applause');
  await expect(maria.page.getByTestId('reaction')).toHaveCount(0);

  // With the keyboard: open, on to the second, press.
  await maria.page.getByTestId('control-react').focus();
  await maria.page.keyboard.press('Enter');
  await expect(maria.page.getByTestId('react-like')).toBeFocused();
  await maria.page.keyboard.press('ArrowRight');
  await maria.page.keyboard.press('Enter');
  await expect(tile(organizer.page, 'Maria').getByTestId('reaction')).toHaveAttribute('data-reaction', 'heart');
  await maria.page.keyboard.press('Escape');
  await expect(maria.page.getByTestId('control-react')).toBeFocused();
});

test('the organizer puts a guest into the spotlight and forbids the microphone, and both pages show it', async ({ house, newPerson }) => {
  const organizer = await anna(newPerson, house, 'Spotlight');
  const maria = await visitor(newPerson, organizer.meeting, 'Maria');
  await openPeople(organizer.page);
  const row = organizer.page.getByTestId('roster-item').filter({ hasText: 'Maria' });
  const menu = async (item: string): Promise<void> => {
    await row.getByTestId('person-menu').click();
    await organizer.page.getByTestId(item).click();
  };
  await menu('spotlight');
  await expect(organizer.page.getByTestId('spotlight-stage').getByTestId('tile').filter({ hasText: 'Maria' })).toHaveAttribute('data-spotlight', '1');
  await expect(maria.page.getByTestId('spotlight-stage').getByTestId('local-tile')).toBeVisible();
  await expect(maria.page.getByTestId('announcements')).toContainText('You are in the spotlight');
  await menu('spotlight');
  await expect(organizer.page.getByTestId('spotlight-stage')).toHaveCount(0);
  await expect(maria.page.getByTestId('spotlight-stage')).toHaveCount(0);

  const mic = maria.page.getByTestId('control-mic');
  await expect(mic).toHaveAttribute('data-on', 'true');
  await menu('set-microphone-access');
  await expect(mic).toHaveAttribute('data-on', 'false');
  await expect(mic).toHaveAttribute('data-refused', 'true');
  await menu('set-microphone-access');
  await expect(mic).toHaveAttribute('data-refused', 'false');
  await mic.click();
  await expect(mic).toHaveAttribute('data-on', 'true');

  // For all attendees at once.
  await organizer.page.getByTestId('attendees-menu').click();
  await organizer.page.getByTestId('attendees-camera').click();
  await expect(maria.page.getByTestId('control-camera')).toHaveAttribute('data-refused', 'true');
  // A guest has neither menu.
  await openPeople(maria.page);
  await expect(maria.page.getByTestId('attendees-menu')).toHaveCount(0);
  await expect(maria.page.getByTestId('person-menu')).toHaveCount(0);
});

test('the organizer reads what a guest says, and hides it again', async ({ house, newPerson, playwright }) => {
  const organizer = await anna(newPerson, house, 'Captions');
  const { person: open } = await import('./pages.js');
  const { default: config } = await import('../playwright.config.js');
  const launch = config.use?.launchOptions;
  const browser = await playwright.chromium.launch({ ...launch, args: [...(launch?.args ?? []), `--use-file-for-fake-audio-capture=${spoken(house.dir)}`] });
  try {
    const maria = await open(browser);
    await visitorAsks(maria.page, organizer.meeting.joinLink, 'Maria');
    await expect(maria.page.getByTestId('stage')).toBeVisible();
    await expect(organizer.page.getByTestId('captions')).toHaveCount(0);
    await more(organizer.page, 'toggle-captions');
    await expect(organizer.page.getByTestId('captions')).toBeVisible();
    const words = organizer.page.getByTestId('caption').filter({ hasText: /Maria.*(go|forward|ten|meters)/ });
    await expect(words.first()).toBeVisible({ timeout: 60_000 });
    await expect(maria.page.getByTestId('captions'), 'who did not ask has none').toHaveCount(0);
    await more(organizer.page, 'toggle-captions');
    await expect(organizer.page.getByTestId('captions')).toHaveCount(0);
    expect(maria.witness.foreignHosts).toEqual([]);
  } finally {
    await browser.close();
  }
});

test('a recording is told to everybody, and who has to agree is off until they did', async ({ house, newPerson }) => {
  const desk = new Desk(house);
  const before = await desk.settings({ policy: { explicitRecordingConsent: true } });
  try {
    const organizer = await anna(newPerson, house, 'Recording');
    const maria = await visitor(newPerson, organizer.meeting, 'Maria');
    const mic = maria.page.getByTestId('control-mic');
    await expect(mic).toHaveAttribute('data-on', 'true');
    await more(organizer.page, 'toggle-recording');
    for (const { page } of [organizer, maria]) await expect(page.getByTestId('recording-banner')).toContainText('is being recorded');
    await expect(organizer.page.getByTestId('consent-dialog')).toHaveCount(0);
    await maria.page.getByTestId('consent-listen').click();
    await expect(mic).toHaveAttribute('data-on', 'false');
    await expect(mic).toHaveAttribute('data-refused', 'true');
    await maria.page.getByTestId('consent-banner-agree').click();
    await expect(mic).toHaveAttribute('data-refused', 'false');
    await mic.click();
    await expect(mic).toHaveAttribute('data-on', 'true');
    await more(organizer.page, 'toggle-recording');
    for (const { page } of [organizer, maria]) await expect(page.getByTestId('recording-banner')).toHaveCount(0);
    // A guest is offered no recording.
    await maria.page.getByTestId('control-more').click();
    await expect(maria.page.getByTestId('toggle-recording')).toHaveCount(0);
  } finally {
    await desk.settings({ policy: before.policy });
  }
});

test('a colleague is asked into an open room, reads what is said to all, returns, and the rooms close', async ({ house, newPerson }) => {
  const organizer = await anna(newPerson, house, 'Rooms');
  const ben = await newPerson();
  await signIn(ben.page, house, house.colleague);
  await ben.page.goto(organizer.meeting.joinLink);
  await joinNow(ben.page);
  await expect(tile(organizer.page, house.colleague.displayName)).toBeVisible();

  await more(organizer.page, 'show-rooms');
  const dialog = organizer.page.getByTestId('rooms-dialog');
  await dialog.getByTestId('room-name').first().fill('Blue');
  await dialog.getByTestId('rooms-auto-move').click();
  await dialog.getByTestId('rooms-minutes').fill('10');
  await dialog.getByTestId('open-rooms').click();
  await expect(dialog.locator('[data-testid=open-room][data-name=Blue]')).toContainText(house.colleague.displayName);

  await ben.page.getByTestId('join-room').click();
  await expect(ben.page.getByTestId('room-badge')).toBeVisible();
  await expect(ben.page.getByRole('heading', { name: 'Blue' })).toBeVisible();
  await expect(ben.page.getByTestId('meeting-time')).toContainText('closes in');
  await expect(tile(organizer.page, house.colleague.displayName)).toContainText('Away just now');

  await dialog.getByTestId('rooms-message').fill('Five minutes left');
  await dialog.getByTestId('rooms-say').click();
  await expect(ben.page.getByTestId('call-notice')).toContainText(`${house.organizer.displayName} to all rooms: Five minutes left`);

  await ben.page.getByTestId('return-to-main').click();
  await expect(ben.page.getByTestId('room-badge')).toHaveCount(0);
  await expect(ben.page.getByTestId('call-notice')).toContainText('You are back in the main meeting');
  await ben.page.getByTestId('join-room').click();
  await expect(ben.page.getByTestId('room-badge')).toBeVisible();
  await dialog.getByTestId('close-rooms').click();
  await expect(ben.page.getByTestId('room-badge')).toHaveCount(0);
  await expect(ben.page.getByTestId('join-room')).toHaveCount(0);
  await expect(tile(organizer.page, house.colleague.displayName)).not.toContainText('Away just now');
});

test('the together view of the organizer is shown to a colleague until it ends', async ({ house, newPerson }) => {
  const organizer = await anna(newPerson, house, 'Together');
  const ben = await newPerson();
  await signIn(ben.page, house, house.colleague);
  await ben.page.goto(organizer.meeting.joinLink);
  await joinNow(ben.page);
  await more(organizer.page, 'toggle-together');
  for (const { page } of [organizer, ben]) await expect(page.getByTestId('together-view').locator('video')).toBeVisible();
  await more(organizer.page, 'toggle-together');
  for (const { page } of [organizer, ben]) await expect(page.getByTestId('together-view')).toHaveCount(0);
});
