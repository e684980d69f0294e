/** The main job, end to end: DESIGN §1 with a member's page, the customer's application and a guest. */
import { admit, deny, guestAsks, guestWaits, memberJoins, openPeople, schedule, shot, signIn } from './pages.js';
import { Bot } from './house.js';
import { expect, test } from './test.js';

test('a guest without an account joins a scheduled meeting and both see and hear each other', async ({ house, visit, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer, { shots: true });
  await shot(anna.page, 'meetings-empty');
  const meeting = await schedule(anna.page, 'Knee check-up', { shots: true });
  await shot(anna.page, 'meeting-details');
  await memberJoins(anna.page);

  const maria = await newPerson();
  await maria.page.goto(visit.guestPage(meeting.joinLink));
  await expect(maria.page.getByTestId('visit-join')).toBeVisible();
  await shot(maria.page, 'guest-arrives');
  await guestAsks(maria, visit, meeting.joinLink, 'Maria Lindqvist');
  await guestWaits(maria);
  await shot(maria.page, 'guest-waiting');

  // Who waits gets nothing: no name, no subject, no thread, no peer connection, no packet.
  await openPeople(anna.page);
  await expect(anna.page.getByTestId('lobby-item').filter({ hasText: 'Maria Lindqvist' })).toBeVisible();
  await shot(anna.page, 'lobby');
  const heard = maria.witness.frames.join('\n');
  expect(heard).toContain('"waiting"');
  for (const secret of [house.organizer.displayName, house.organizer.id, 'Knee check-up', '19:meeting_', '"participants"', '"snapshot"']) {
    expect(heard).not.toContain(secret);
  }
  expect(await maria.witness.received()).toMatchObject({ peers: 0, packets: 0 });

  await admit(anna.page, 'Maria Lindqvist');
  await expect(maria.page.getByTestId('visit-stage')).toBeVisible();
  // The twin: the same guest, admitted, gets all of it.
  expect(maria.witness.frames.join('\n')).toContain(house.organizer.displayName);
  await Promise.all([anna.witness.seesAndHears(), maria.witness.seesAndHears()]);
  await expect(anna.page.getByTestId('tile').filter({ hasText: 'Maria Lindqvist' })).toBeVisible();
  await shot(anna.page, 'stage');
  await shot(maria.page, 'guest-stage');

  const screen = anna.page.getByTestId('screen-share');
  await expect(screen).toHaveCount(0);
  await maria.page.getByTestId('visit-share').click();
  await expect(screen).toBeVisible();
  await anna.witness.sees(screen);
  await shot(anna.page, 'screen-shared');
  await maria.page.getByTestId('visit-share').click();
  await expect(screen).toHaveCount(0);

  await maria.page.getByTestId('visit-leave').click();
  await expect(maria.page.getByTestId('visit-ended')).toBeVisible();
  await expect(anna.page.getByTestId('tile').filter({ hasText: 'Maria Lindqvist' })).toHaveCount(0);

  await anna.page.getByTestId('control-leave').click();
  await anna.page.getByTestId('end-for-all').click();
  await expect(anna.page.getByTestId('end-screen')).toContainText('You ended the meeting for everybody');
  await shot(anna.page, 'ended');
});

test('ending for all ends it for the guest too', async ({ house, visit, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'Short talk');
  await memberJoins(anna.page);
  const maria = await newPerson();
  await guestAsks(maria, visit, meeting.joinLink, 'Maria');
  await admit(anna.page, 'Maria');
  await expect(maria.page.getByTestId('visit-stage')).toBeVisible();
  await anna.page.getByTestId('control-leave').click();
  await anna.page.getByTestId('end-for-all').click();
  await expect(maria.page.getByTestId('visit-ended')).toBeVisible();
  await expect(maria.page.getByTestId('visit-reason')).not.toBeEmpty();
});

test('a denied guest is told so and cannot ask again', async ({ house, visit, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'Private talk');
  await memberJoins(anna.page);
  const stranger = await newPerson();
  await guestAsks(stranger, visit, meeting.joinLink, 'Stranger');
  await guestWaits(stranger);
  await deny(anna.page, 'Stranger');
  const ended = stranger.page.getByTestId('visit-ended');
  const reason = stranger.page.getByTestId('visit-reason');
  await expect(ended).toBeVisible();
  await expect(reason).toContainText(/not admitted/i);
  await shot(stranger.page, 'guest-denied');
  expect(stranger.witness.joins).toBe(1);

  await stranger.page.getByTestId('visit-again').click();
  await expect.poll(() => stranger.witness.joins).toBe(2);
  await expect(ended).toBeVisible();
  await expect(reason).toContainText(/not admitted/i);
  await expect(anna.page.getByTestId('lobby-item')).toHaveCount(0);
  expect((await stranger.witness.received()).packets).toBe(0);
});

test('a removed guest cannot come back with what they still hold', async ({ house, visit, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'Removal');
  await memberJoins(anna.page);
  const guest = await newPerson();
  await guestAsks(guest, visit, meeting.joinLink, 'Loud Guest');
  await admit(anna.page, 'Loud Guest');
  await expect(guest.page.getByTestId('visit-stage')).toBeVisible();
  const row = anna.page.getByTestId('roster-item').filter({ hasText: 'Loud Guest' });
  await row.getByTestId('person-menu').click();
  await anna.page.getByTestId('remove-participant').click();
  await expect(guest.page.getByTestId('visit-ended')).toBeVisible();
  const ended = guest.page.getByTestId('visit-ended');
  const reason = guest.page.getByTestId('visit-reason');
  await expect(reason).toContainText(/removed/i);
  await guest.page.getByTestId('visit-again').click();
  await expect.poll(() => guest.witness.joins).toBe(2);
  await expect(ended).toBeVisible();
  await expect(reason).toContainText(/removed/i);

  // Nor by opening the page anew: the application gives the same person the same identity.
  await guest.page.reload();
  await expect(reason).toBeEmpty();
  await guest.page.getByTestId('visit-name').fill('Somebody Else');
  await guest.page.getByTestId('visit-join').click();
  await expect.poll(() => guest.witness.joins).toBe(3);
  await expect(ended).toBeVisible();
  await expect(reason).toContainText(/removed/i);
  await expect(anna.page.getByTestId('lobby-item')).toHaveCount(0);
});

test('with anonymous join off the guest is refused and reads why', async ({ house, visit, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'Members only', { anonymousJoin: false });
  await memberJoins(anna.page);
  const guest = await newPerson();
  await guestAsks(guest, visit, meeting.joinLink, 'Maria');
  await expect(guest.page.getByTestId('visit-ended')).toBeVisible();
  await expect(guest.page.getByTestId('visit-reason')).toContainText(/without an account|anonymous|organi[sz]er/i);
  await shot(guest.page, 'guest-refused');
});

test('a guest who reloads the page asks again, with the same identity, and is back', async ({ house, visit, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'Reload');
  await memberJoins(anna.page);
  const guest = await newPerson();
  await guestAsks(guest, visit, meeting.joinLink, 'Maria');
  await admit(anna.page, 'Maria');
  await expect(guest.page.getByTestId('visit-stage')).toBeVisible();
  const tile = anna.page.getByTestId('tile').filter({ hasText: 'Maria' });
  const before = await tile.getAttribute('data-participant-id');

  await guest.page.reload();
  await guest.page.getByTestId('visit-name').fill('Maria');
  await guest.page.getByTestId('visit-join').click();
  await admit(anna.page, 'Maria');
  await expect(guest.page.getByTestId('visit-stage')).toBeVisible();
  await guest.witness.seesAndHears();
  await expect(tile).toHaveCount(1);
  expect(await tile.getAttribute('data-participant-id')).toBe(before);
});

test('somebody alone tries the product with a bot from the command line', async ({ house, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'With a bot', { lobbyScope: 'everyone' });
  await memberJoins(anna.page);
  const bot = await Bot.join(meeting.joinLink, 'Robin Bot');
  await expect(anna.page.getByTestId('tile').filter({ hasText: 'Robin Bot' })).toBeVisible();
  await anna.witness.seesAndHears();
  expect(await bot.interrupt()).toBe(0);
  await expect(anna.page.getByTestId('tile').filter({ hasText: 'Robin Bot' })).toHaveCount(0);
});
