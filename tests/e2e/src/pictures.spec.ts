/** Which quality of a picture is delivered: what the tile on the page needs, no more. */
import { changeRole, guestAsks, guestShares, memberJoins, schedule, signIn } from './pages.js';
import { expect, test } from './test.js';

test('a small tile gets a small picture, and a large one again when there is room', async ({ house, visit, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'Layers', { lobbyScope: 'everyone' });
  await memberJoins(anna.page);
  const maria = await newPerson();
  await guestAsks(maria, visit, meeting.joinLink, 'Maria');
  const tile = anna.page.getByTestId('tile').filter({ hasText: 'Maria' });
  await expect(tile).toBeVisible();
  // Only presenters share. The pane is closed again: it takes room from the tiles.
  await changeRole(anna.page, 'Maria');
  await anna.page.getByTestId('control-people').click();
  await expect(anna.page.getByTestId('people-pane')).toHaveCount(0);
  const height = async (): Promise<number> => (await anna.witness.picture(tile)).height;
  await expect.poll(height, { timeout: 60_000 }).toBeGreaterThanOrEqual(360);
  const large = await height();

  await guestShares(maria);
  await expect(anna.page.getByTestId('screen-share')).toBeVisible();
  await expect.poll(async () => (await height()) <= large / 2 && (await height()) > 0, { timeout: 60_000 }).toBe(true);
  await anna.witness.sees(tile);

  await guestShares(maria);
  await expect(anna.page.getByTestId('screen-share')).toHaveCount(0);
  await expect.poll(height, { timeout: 60_000 }).toBeGreaterThanOrEqual(large);
  await anna.witness.sees(tile);
});
