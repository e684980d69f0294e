/** The plain join page behind a link, meeting ID with passcode, reload, and a crash of the server. */
import { admit, joinNow, memberJoins, schedule, shot, signIn, visitorAsks } from './pages.js';
import { expect, test } from './test.js';

test('a visitor opens the link in the browser, waits, is admitted, and is back after a reload', async ({ house, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'Plain link');
  await memberJoins(anna.page);

  const visitor = await newPerson();
  await visitor.page.goto(meeting.joinLink);
  await visitor.page.getByTestId('name-input').fill('Vera Visitor');
  await shot(visitor.page, 'join-page');
  await visitor.page.getByTestId('join-now').click();
  await expect(visitor.page.getByTestId('waiting-text')).toBeVisible();
  await shot(visitor.page, 'join-waiting');
  await admit(anna.page, 'Vera Visitor');
  await expect(visitor.page.getByTestId('stage')).toBeVisible();
  await visitor.witness.seesAndHears();

  await visitor.page.reload();
  await visitor.page.getByTestId('name-input').fill('Vera Visitor');
  await visitor.page.getByTestId('join-now').click();
  await expect(visitor.page.getByTestId('waiting-text')).toBeVisible();
  await admit(anna.page, 'Vera Visitor');
  await expect(visitor.page.getByTestId('stage')).toBeVisible();
  // The page that was reloaded is gone from the roster, not a ghost beside the new one.
  await expect(anna.page.getByTestId('tile').filter({ hasText: 'Vera Visitor' })).toHaveCount(1, { timeout: 60_000 });
});

test('meeting ID and passcode lead in, a wrong passcode does not', async ({ house, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'By number');
  await memberJoins(anna.page);

  const visitor = await newPerson();
  await visitor.page.goto(`${house.ready.httpOrigin}/join`);
  await visitor.page.getByTestId('meeting-id-input').fill(meeting.meetingId);
  await visitor.page.getByTestId('passcode-input').fill('wrong');
  await visitor.page.getByTestId('join-by-id').click();
  await visitor.page.getByTestId('name-input').fill('Nils');
  await visitor.page.getByTestId('join-now').click();
  await expect(visitor.page.getByTestId('end-reason')).toContainText(/meeting ID or the passcode/i);

  const nils = await newPerson();
  await nils.page.goto(`${house.ready.httpOrigin}/join`);
  await nils.page.getByTestId('meeting-id-input').fill(meeting.meetingId);
  await nils.page.getByTestId('passcode-input').fill(meeting.passcode);
  await nils.page.getByTestId('join-by-id').click();
  await nils.page.getByTestId('name-input').fill('Nils');
  await nils.page.getByTestId('join-now').click();
  await expect(nils.page.getByTestId('waiting-text')).toBeVisible();
  await admit(anna.page, 'Nils');
  await expect(nils.page.getByTestId('stage')).toBeVisible();
});

test('three people see each other and hands are for members', async ({ house, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'Three');
  await memberJoins(anna.page);
  const ben = await newPerson();
  await signIn(ben.page, house, house.colleague);
  await ben.page.goto(meeting.joinLink);
  await joinNow(ben.page);
  const visitor = await newPerson();
  await visitor.page.goto(meeting.joinLink);
  await visitor.page.getByTestId('name-input').fill('Vera');
  await visitor.page.getByTestId('join-now').click();
  await admit(anna.page, 'Vera');
  await expect(visitor.page.getByTestId('stage')).toBeVisible();
  for (const somebody of [anna, ben, visitor]) {
    await expect.poll(async () => (await somebody.witness.received()).videoStreams, { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
  }
  await shot(anna.page, 'three');

  await ben.page.getByTestId('control-hand').click();
  const tile = anna.page.getByTestId('tile').filter({ hasText: house.colleague.displayName });
  await expect(tile.getByTestId('raised-hand')).toBeVisible();
  // The default policy keeps hands for members: the guest's button says so instead of working.
  await expect(visitor.page.getByTestId('control-hand')).toHaveAttribute('data-refused', 'true');
  await expect(ben.page.getByTestId('control-hand')).toHaveAttribute('data-refused', 'false');
});

test('after kill -9 the meeting and its options are still there', async ({ house, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'Survivor', { anonymousJoin: false });
  await house.kill();
  await house.restart();
  const again = await newPerson();
  await signIn(again.page, house, house.organizer);
  await expect(again.page.getByTestId('meeting-item').filter({ hasText: 'Survivor' })).toBeVisible();
  // The option survived too: a visitor is refused for the reason that the organizer chose.
  const visitor = await newPerson();
  await visitor.page.goto(meeting.joinLink);
  await visitor.page.getByTestId('name-input').fill('Vera');
  await visitor.page.getByTestId('join-now').click();
  await expect(visitor.page.getByTestId('end-reason')).toContainText(/without an account/i);
});

test('with anonymous join switched off for the whole organisation a visitor is refused', async ({ house, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'Closed house');
  const clara = await newPerson();
  await signIn(clara.page, house, house.administrator);
  await clara.page.goto(`${house.ready.httpOrigin}/admin`);
  const toggle = clara.page.getByTestId('setting-disableAnonymousJoin');
  await expect(toggle).toBeVisible();
  await shot(clara.page, 'admin');
  const flip = async (): Promise<void> => {
    const saved = clara.page.waitForResponse((response) => response.request().method() === 'PATCH' && response.url().endsWith('/api/admin/settings'));
    await toggle.click();
    expect((await saved).status()).toBe(200);
  };
  await flip();

  const visitor = await newPerson();
  await visitor.page.goto(meeting.joinLink);
  await visitor.page.getByTestId('name-input').fill('Vera');
  await visitor.page.getByTestId('join-now').click();
  await expect(visitor.page.getByTestId('end-reason')).toContainText(/organisation/i);

  await flip();
});

test('the join page works on the HTTPS address too', async ({ house, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'Over HTTPS');
  await memberJoins(anna.page);
  const visitor = await newPerson({ ignoreHTTPSErrors: true });
  await visitorAsks(visitor.page, meeting.joinLink.replace(house.ready.httpOrigin, house.ready.origin), 'Vera');
  await expect(visitor.page.getByTestId('waiting-text')).toBeVisible();
  expect(new URL(visitor.page.url()).origin).toBe(house.ready.origin);
  expect(await visitor.page.evaluate(() => isSecureContext)).toBe(true);
  await admit(anna.page, 'Vera');
  await expect(visitor.page.getByTestId('stage')).toBeVisible();
  await visitor.witness.seesAndHears();
});
