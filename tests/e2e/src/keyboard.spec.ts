/** The journey without a pointer, on a phone-sized dark page: what is needed can be reached, seen and pressed. */
import { type Page, expect } from '@playwright/test';

import { memberJoins, schedule, signIn } from './pages.js';
import { test } from './test.js';

const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark' } as const;

/** Presses Tab until the wanted element has the focus; whatever has it on the way is on the page and can be seen to have it. */
async function tabTo(page: Page, testId: string): Promise<string[]> {
  const path: string[] = [];
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return undefined;
      const { top, left, width, height } = element.getBoundingClientRect();
      const shown = width > 0 && height > 0 && top < innerHeight && top + height > 0 && left < innerWidth && left + width > 0;
      const name = element.closest('[data-testid]')?.getAttribute('data-testid') ?? element.tagName;
      return { name, seen: shown && element.matches(':focus-visible') };
    });
    // The browser's own bar is between the last and the first element.
    if (focus === undefined) continue;
    expect(focus, `after ${path.join(', ')}`).toMatchObject({ seen: true });
    path.push(focus.name);
    if (focus.name === testId) return path;
  }
  throw new Error(`${testId} cannot be reached with the keyboard; there is: ${path.join(', ')}`);
}

test('on a phone a visitor joins and a member admits with the keyboard alone', async ({ house, newPerson }) => {
  const anna = await newPerson(PHONE);
  await signIn(anna.page, house, house.organizer);
  const meeting = await schedule(anna.page, 'No pointer');
  await memberJoins(anna.page);

  const visitor = await newPerson(PHONE);
  await visitor.page.goto(meeting.joinLink);
  const name = visitor.page.getByTestId('name-input');
  await expect(name).toBeVisible();
  if (!(await name.evaluate((element) => element === document.activeElement))) await tabTo(visitor.page, 'name-input');
  await visitor.page.keyboard.type('Kim Keys');
  await tabTo(visitor.page, 'join-now');
  await visitor.page.keyboard.press('Enter');
  await expect(visitor.page.getByTestId('waiting-text')).toBeVisible();

  await expect(anna.page.getByTestId('lobby-toast')).toBeVisible();
  await tabTo(anna.page, 'control-people');
  await anna.page.keyboard.press('Enter');
  await expect(anna.page.getByTestId('people-pane')).toBeVisible();
  const path = await tabTo(anna.page, 'admit');
  // In the order of the page: who turns somebody away passes by, admitting comes after.
  expect(path).toContain('deny');
  await anna.page.keyboard.press('Enter');
  await expect(visitor.page.getByTestId('stage')).toBeVisible();
  await expect(anna.page.getByTestId('lobby-item')).toHaveCount(0);
});
