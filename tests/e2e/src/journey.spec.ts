/** The main job, end to end: DESIGN §1 with a member's page, the customer's application and a guest. */
import { admit, changeRole, composite, deny, guestAsks, guestIsIn, guestLeaves, guestNames, guestShares, guestStarts, guestWaits, memberJoins, openPeople, schedule, shot, signIn } from './pages.js';
import { Bot } from './house.js';
import { Desk } from './sdk/tokens.js';
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
  await guestNames(maria, 'Maria Lindqvist');
  await shot(maria.page, 'guest-checks-devices');
  await guestStarts(maria);
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
  await guestIsIn(maria);
  // The twin: the same guest, admitted, gets all of it.
  expect(maria.witness.frames.join('\n')).toContain(house.organizer.displayName);
  await Promise.all([anna.witness.seesAndHears(), maria.witness.seesAndHears()]);
  await expect(anna.page.getByTestId('tile').filter({ hasText: 'Maria Lindqvist' })).toBeVisible();
  await shot(anna.page, 'stage');
  await shot(maria.page, 'guest-stage');

  const screen = anna.page.getByTestId('screen-share');
  await expect(screen).toHaveCount(0);
  // The UI library lets presenters share, and nobody else.
  await expect(composite(maria, 'call-composite-screenshare-button')).toBeDisabled();
  await changeRole(anna.page, 'Maria Lindqvist');
  await guestShares(maria);
  await expect(screen).toBeVisible();
  await anna.witness.sees(screen);
  await shot(anna.page, 'screen-shared');
  await guestShares(maria);
  await expect(screen).toHaveCount(0);

  await guestLeaves(maria);
  await expect(maria.page.getByTestId('visit-ended')).toBeVisible();
  await expect(anna.page.getByTestId('tile').filter({ hasText: 'Maria Lindqvist' })).toHaveCount(0);

  // What she thought of it reaches the organisation.
  await maria.page.getByTestId('visit-star-2').click();
  await maria.page.getByTestId('visit-issue-picture').check();
  await shot(maria.page, 'guest-survey');
  await maria.page.getByTestId('visit-send-survey').click();
  await expect(maria.page.getByTestId('visit-thanks')).toBeVisible();
  const { surveys } = await new Desk(house).administrate<{ surveys: { callKind: string; ratings: { subject: string; score: number; issues: string[] }[] }[] }>('GET', 'surveys');
  // Newest first.
  expect(surveys[0]).toMatchObject({ callKind: 'meeting' });
  expect(surveys[0]?.ratings).toEqual(
    expect.arrayContaining([expect.objectContaining({ subject: 'overall', score: 2, issues: [] }), expect.objectContaining({ subject: 'video', score: 2, issues: ['Freezes'] })]),
  );

  await anna.page.getByTestId('control-leave').click();
  await anna.page.getByTestId('end-for-all').click();
  await expect(anna.page.getByTestId('end-screen')).toContainText('You ended the meeting for everybody');
  await shot(anna.page, 'ended');
});

test('two guests of the application write to each other beside the call, and a browser that cannot reach the chat visits without', async ({ house, visit, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'Written', { lobbyScope: 'everyone' });
  await memberJoins(anna.page);
  // The chat client speaks HTTPS only; these two browsers take the development server's certificate, the third does not.
  const [maria, ben] = [await newPerson({ ignoreHTTPSErrors: true }), await newPerson({ ignoreHTTPSErrors: true })];
  for (const [guest, name] of [[maria, 'Maria'], [ben, 'Ben']] as const) {
    await guestAsks(guest, visit, meeting.joinLink, name);
    await guestIsIn(guest);
    await composite(guest, 'call-with-chat-composite-chat-button').click();
  }
  for (const [from, to, name] of [[maria, ben, 'Maria'], [ben, maria, 'Ben']] as const) {
    const box = from.page.getByPlaceholder('Enter a message');
    await box.fill(`Hello from ${name}`);
    await box.press('Enter');
    await expect(to.page.getByLabel(`${name} said Hello from ${name}`)).toBeVisible();
  }
  await shot(maria.page, 'guest-chat');

  const carl = await newPerson();
  await guestAsks(carl, visit, meeting.joinLink, 'Carl');
  await guestIsIn(carl);
  await expect(composite(carl, 'call-composite-hangup-button')).toBeVisible();
  await expect(composite(carl, 'call-with-chat-composite-chat-button')).toHaveCount(0);
});

for (const guestRaisedHand of [false, true]) {
  test(`where the policy ${guestRaisedHand ? 'lets guests raise a hand they are' : 'keeps hands for members guests are not'} offered to`, async ({ house, visit, newPerson }) => {
    const desk = new Desk(house);
    const before = await desk.settings({ policy: { guestRaisedHand } });
    try {
      const anna = await newPerson();
      await signIn(anna.page, house, house.organizer);
      const meeting = await schedule(anna.page, 'Hands', { lobbyScope: 'everyone' });
      await memberJoins(anna.page);
      const maria = await newPerson();
      await guestAsks(maria, visit, meeting.joinLink, 'Maria');
      await guestIsIn(maria);
      await expect(composite(maria, 'call-composite-reaction-button')).toBeVisible();
      await expect(composite(maria, 'call-composite-raisehand-button')).toHaveCount(guestRaisedHand ? 1 : 0);
    } finally {
      await desk.settings({ policy: before.policy });
    }
  });
}

test('ending for all ends it for the guest too', async ({ house, visit, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'Short talk');
  await memberJoins(anna.page);
  const maria = await newPerson();
  await guestAsks(maria, visit, meeting.joinLink, 'Maria');
  await admit(anna.page, 'Maria');
  await guestIsIn(maria);
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
  // Who was never in is not asked how it was.
  await expect(stranger.page.getByTestId('visit-survey')).toHaveCount(0);

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
  await guestIsIn(guest);
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
  await expect(reason).toHaveCount(0);
  await guestNames(guest, 'Somebody Else');
  await guestStarts(guest);
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
  await guestIsIn(guest);
  const tile = anna.page.getByTestId('tile').filter({ hasText: 'Maria' });
  const before = await tile.getAttribute('data-participant-id');

  await guest.page.reload();
  await guestNames(guest, 'Maria');
  await guestStarts(guest);
  await admit(anna.page, 'Maria');
  await guestIsIn(guest);
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
