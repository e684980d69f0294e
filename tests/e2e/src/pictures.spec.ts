/** Which quality of a picture is delivered: what the tile on the page needs, no more; and what is shown instead of one that is held back. */
import { changeRole, composite, guestAsks, guestShares, memberJoins, schedule, shot, signIn } from './pages.js';
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

test('who is held back by the server is shown without a picture and with the reason; a screen keeps its picture', async ({ house, visit, newPerson }) => {
  const anna = await newPerson();
  // A connection that is too weak, as far as this page is told: the server's word is put into its frames on the way.
  let paused = true;
  await anna.context.routeWebSocket(/\/signal/, (socket) => {
    socket.connectToServer().onMessage((message) => {
      const frame = JSON.parse(String(message)) as { event?: { bindings?: Slot[]; snapshot?: { slots: Slot[] } } };
      const { bindings = [], snapshot } = frame.event ?? {};
      for (const slot of [...bindings, ...(snapshot?.slots ?? [])]) if (slot.publication !== null) {
        if (paused) slot.withheld = 'paused';
        else delete slot.withheld;
      }
      socket.send(JSON.stringify(frame));
    });
  });
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'Held back', { lobbyScope: 'everyone' });
  await memberJoins(anna.page);
  const maria = await newPerson();
  await guestAsks(maria, visit, meeting.joinLink, 'Maria');
  const tile = anna.page.getByTestId('tile').filter({ hasText: 'Maria' });
  const hint = tile.getByTestId('paused-hint');
  await expect(hint).toHaveText('Paused: weak connection');
  await expect(tile).toHaveAccessibleName(/video paused, weak connection/);
  await shot(anna.page, 'held-back');

  await changeRole(anna.page, 'Maria');
  await anna.page.getByTestId('control-people').click();
  await guestShares(maria);
  const screen = anna.page.getByTestId('screen-share');
  await expect(screen.getByTestId('paused-hint')).toBeVisible();
  await expect(screen.locator('video')).toBeVisible();
  // The small tile has room for the sign only.
  await expect(tile.getByTestId('paused-icon')).toBeVisible();
  await expect(hint).toBeHidden();
  await shot(anna.page, 'held-back-screen');
  await guestShares(maria);
  await expect(screen).toHaveCount(0);

  paused = false;
  const camera = composite(maria, 'call-composite-camera-button').first();
  await camera.click();
  await expect(tile.locator('video')).toHaveCount(0);
  await camera.click();
  await anna.witness.sees(tile);
  await expect(tile.getByTestId('paused-icon')).toHaveCount(0);
});

/** A slot in a frame of the server. */
interface Slot {
  readonly publication: number | null;
  withheld?: string;
}
