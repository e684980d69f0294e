/** The quality record: two people talk, and the administrator sees how their connections went. */
import type { Page } from '@playwright/test';

import { memberJoins, schedule, shot, signIn, visitorAsks } from './pages.js';
import { expect, test } from './test.js';

/** A number in front of its unit. */
async function numbers(page: Page, name: string, fact: string): Promise<number[]> {
  const text = await page.getByTestId('session-item').filter({ has: page.getByRole('heading', { name }) }).getByTestId(fact).innerText();
  return text.split(', ').map((part) => {
    const [, number, unit] = /^(?:under )?([\d.]+) ?(\S*)$/.exec(part.trim()) ?? [];
    return Number(number) * (unit === 'Mbit/s' ? 1000 : 1);
  });
}

test('the administrator sees how a call went, and nobody else does', async ({ house, newPerson }) => {
  const anna = await newPerson();
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'Measured', { lobbyScope: 'everyone' });
  await memberJoins(anna.page);
  const maria = await newPerson();
  await visitorAsks(maria.page, meeting.joinLink, 'Maria Measured');
  await expect(maria.page.getByTestId('stage')).toBeVisible();
  await Promise.all([anna.witness.seesAndHears(), maria.witness.seesAndHears()]);
  await Promise.all([anna.witness.isReportedTo(4), maria.witness.isReportedTo(4)]);
  await maria.page.getByTestId('control-leave').click();
  await expect(maria.page.getByTestId('end-screen')).toBeVisible();
  await anna.page.getByTestId('control-leave').click();
  await anna.page.getByTestId('end-for-all').click();
  await expect(anna.page.getByTestId('end-screen')).toBeVisible();

  const clara = await newPerson();
  await signIn(clara.page, house, house.administrator);
  await clara.page.goto(`${house.ready.httpOrigin}/admin`);
  await clara.page.getByRole('link', { name: 'Calls' }).click();
  const item = clara.page.getByTestId('call-item').filter({ hasText: 'Maria Measured' });
  // It is written down when it is over.
  await expect(async () => {
    await clara.page.getByTestId('refresh').click();
    await expect(item).toContainText(house.organizer.displayName, { timeout: 2_000 });
    await expect(item.getByTestId('verdict')).toHaveText('Good', { timeout: 2_000 });
  }).toPass();
  await shot(clara.page, 'admin-calls');
  await item.getByRole('link').click();
  await expect(clara.page.getByTestId('session-item')).toHaveCount(2);
  for (const name of [house.organizer.displayName, 'Maria Measured']) {
    const session = clara.page.getByTestId('session-item').filter({ has: clara.page.getByRole('heading', { name }) });
    await expect(session.getByTestId('carriers')).toHaveText('UDP');
    await expect(session.getByTestId('quality-chart')).toBeVisible();
    // Sound and picture both ways, on loopback: no loss to speak of, a short round trip.
    for (const kbps of await numbers(clara.page, name, 'rates')) {
      expect(kbps).toBeGreaterThan(20);
      expect(kbps).toBeLessThan(10_000);
    }
    for (const percent of await numbers(clara.page, name, 'loss')) expect(percent).toBeLessThan(5);
    const [middle, longest] = await numbers(clara.page, name, 'round-trip');
    expect(middle).toBeGreaterThan(0);
    expect(longest).toBeGreaterThanOrEqual(middle ?? 0);
    expect(longest).toBeLessThan(2_000);
  }
  await shot(clara.page, 'admin-call');
  const address = clara.page.url();

  const ben = await newPerson();
  await signIn(ben.page, house, house.colleague);
  for (const page of [`${house.ready.httpOrigin}/admin/calls`, address]) {
    await ben.page.goto(page);
    await expect(ben.page.getByTestId('admin-refused')).toBeVisible();
    await expect(ben.page.getByText('Maria Measured')).toHaveCount(0);
  }
});
