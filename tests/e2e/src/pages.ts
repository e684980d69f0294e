/** What people do in the pages, in their words; the tests read as the journey. */
import { type Browser, type BrowserContext, type Page, expect } from '@playwright/test';

import type { Account, House, Visit } from './house.js';
import { Witness } from './witness.js';

export interface Person {
  context: BrowserContext;
  page: Page;
  witness: Witness;
}

/** A new person: own browser context, camera and microphone allowed. */
export async function person(browser: Browser): Promise<Person> {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'], viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const witness = await Witness.attach(page);
  return { context, page, witness };
}

export async function signIn(page: Page, house: House, account: Account): Promise<void> {
  await page.goto(house.ready.httpOrigin);
  await page.getByTestId('sign-in-button').click();
  await page.locator('input[name=username]').fill(account.userPrincipalName);
  await page.locator('input[name=password]').fill(account.password);
  await page.locator('button[type=submit]').click();
  await expect(page.getByTestId('new-meeting').first()).toBeVisible();
}

export interface Scheduled {
  subject: string;
  joinLink: string;
  meetingId: string;
  passcode: string;
}

/** Schedules in the page and reads what the page shows. */
export async function schedule(page: Page, subject: string, options: { anonymousJoin?: boolean } = {}): Promise<Scheduled> {
  await page.getByTestId('new-meeting').first().click();
  await page.getByTestId('subject-input').fill(subject);
  if (options.anonymousJoin === false) await page.getByTestId('anonymous-join').click();
  await page.getByTestId('save-meeting').click();
  await openMeeting(page, subject);
  const joinLink = await text(page, 'join-link-text');
  const meetingId = await text(page, 'meeting-id-text');
  const passcode = await text(page, 'passcode-text');
  return { subject, joinLink, meetingId, passcode };
}

async function openMeeting(page: Page, subject: string): Promise<void> {
  const link = page.getByTestId('join-link-text');
  const item = page.getByTestId('meeting-item').filter({ hasText: subject }).first();
  await expect(link.or(item).first()).toBeVisible();
  if (!(await link.isVisible())) await item.click();
  await expect(link).toBeVisible();
}

async function text(page: Page, testId: string): Promise<string> {
  const element = page.getByTestId(testId).first();
  return element.evaluate((node) => (node instanceof HTMLInputElement ? node.value : (node.textContent ?? '')).trim());
}

/** From the open meeting details to the stage. */
export async function memberJoins(page: Page): Promise<void> {
  await page.getByTestId('join-meeting').first().click();
  await joinNow(page);
}

export async function joinNow(page: Page): Promise<void> {
  await page.getByTestId('join-now').click();
  await expect(page.getByTestId('stage')).toBeVisible();
}

/** Opens the application's page and asks to be let in. */
export async function guestAsks(guest: Person, visit: Visit, joinLink: string, name: string): Promise<void> {
  await guest.page.goto(visit.guestPage(joinLink));
  await guest.page.getByTestId('visit-name').fill(name);
  await guest.page.getByTestId('visit-join').click();
}

export async function guestWaits(guest: Person): Promise<void> {
  await expect(guest.page.getByTestId('visit-waiting')).toBeVisible();
}

export async function openPeople(page: Page): Promise<void> {
  if (!(await page.getByTestId('people-pane').isVisible())) await page.getByTestId('control-people').click();
  await expect(page.getByTestId('people-pane')).toBeVisible();
}

export async function admit(page: Page, name: string): Promise<void> {
  await openPeople(page);
  const item = page.getByTestId('lobby-item').filter({ hasText: name });
  await item.getByTestId('admit').click();
  await expect(item).toHaveCount(0);
}

export async function deny(page: Page, name: string): Promise<void> {
  await openPeople(page);
  const item = page.getByTestId('lobby-item').filter({ hasText: name });
  await item.getByTestId('deny').click();
  await expect(item).toHaveCount(0);
}

/** Saves what a person sees, for people to look at; the files are not committed. */
export async function shot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `../../target/e2e/screens/${name}.png` });
}
