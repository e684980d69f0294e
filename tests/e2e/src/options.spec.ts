/** What the organizer chooses when scheduling, as its effect on people who come without an account. */
import { memberJoins, schedule, signIn, visitorAsks } from './pages.js';
import { expect, test } from './test.js';

test('with everyone bypassing the lobby a visitor is in without anybody admitting', async ({ house, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'Open door', { lobbyScope: 'everyone' });
  await memberJoins(anna.page);
  const visitor = await newPerson();
  await visitorAsks(visitor.page, meeting.joinLink, 'Vera');
  await expect(visitor.page.getByTestId('stage')).toBeVisible();
  await expect(anna.page.getByTestId('tile').filter({ hasText: 'Vera' })).toBeVisible();
  expect(visitor.witness.frames.join('\n')).not.toContain('"waiting":true');
});

for (const { presenters, refused } of [
  { presenters: 'organizer', refused: true },
  { presenters: 'everyone', refused: false },
]) {
  test(`with presenters “${presenters}” a visitor ${refused ? 'cannot' : 'can'} share a screen`, async ({ house, newPerson }) => {
    const anna = await newPerson();
    await signIn(anna.page, house, house.organizer);
    const meeting = await schedule(anna.page, `Presenters ${presenters}`, { lobbyScope: 'everyone', presenters });
    await memberJoins(anna.page);
    const visitor = await newPerson();
    await visitorAsks(visitor.page, meeting.joinLink, 'Vera');
    await expect(visitor.page.getByTestId('stage')).toBeVisible();
    const share = visitor.page.getByTestId('control-share');
    await expect(share).toHaveAttribute('data-refused', String(refused));
    await share.click();
    await expect(anna.page.getByTestId('screen-share')).toHaveCount(refused ? 0 : 1);
    await expect(share).toHaveAttribute('data-on', String(!refused));
  });
}
