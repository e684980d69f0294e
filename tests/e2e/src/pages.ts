/** What people do in the pages, in their words; the tests read as the journey. */
import { type Browser, type BrowserContext, type Locator, type Page, expect } from '@playwright/test';

import type { Account, House, Visit } from './house.js';
import { Witness } from './witness.js';

export interface Person {
  context: BrowserContext;
  page: Page;
  witness: Witness;
}

export interface PersonOptions {
  viewport?: { width: number; height: number };
  colorScheme?: 'light' | 'dark';
  /** For pages on the HTTPS address, whose certificate only the developer's own machines trust; and for guests of the application who chat. */
  ignoreHTTPSErrors?: boolean;
}

/** A new person: own browser context, camera and microphone allowed. */
export async function person(browser: Browser, options: PersonOptions = {}): Promise<Person> {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'], viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const witness = await Witness.attach(page);
  return { context, page, witness };
}

export async function signIn(page: Page, house: House, account: Account, options: { shots?: boolean } = {}): Promise<void> {
  await page.goto(house.ready.httpOrigin);
  await expect(page.getByTestId('sign-in-button')).toBeVisible();
  if (options.shots === true) await shot(page, 'landing');
  await page.getByTestId('sign-in-button').click();
  await expect(page.locator('input[name=password]')).toBeVisible();
  if (options.shots === true) await shot(page, 'sign-in');
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
export async function schedule(page: Page, subject: string, options: { anonymousJoin?: boolean; lobbyScope?: string; presenters?: string; shots?: boolean } = {}): Promise<Scheduled> {
  await page.getByTestId('new-meeting').first().click();
  await page.getByTestId('subject-input').fill(subject);
  if (options.shots === true) await shot(page, 'schedule');
  if (options.anonymousJoin === false) await page.getByTestId('anonymous-join').click();
  if (options.lobbyScope !== undefined) await page.getByTestId('lobby-scope').selectOption(options.lobbyScope);
  if (options.presenters !== undefined) await page.getByTestId('presenters').selectOption(options.presenters);
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

/** Opens the plain join page and asks to be let in. */
export async function visitorAsks(page: Page, joinLink: string, name: string): Promise<void> {
  await page.goto(joinLink);
  await page.getByTestId('name-input').fill(name);
  await page.getByTestId('join-now').click();
}

/** A control or region of the published UI library, on the application's page. */
export function composite(guest: Person, id: string): Locator {
  return guest.page.locator(`[data-ui-id="${id}"]`);
}

/** Opens the application's page and asks to be let in, seen and heard. */
export async function guestAsks(guest: Person, visit: Visit, joinLink: string, name: string): Promise<void> {
  await guest.page.goto(visit.guestPage(joinLink));
  await guestNames(guest, name);
  await guestStarts(guest);
}

/** From the application's first page to the device check. */
export async function guestNames(guest: Person, name: string): Promise<void> {
  await guest.page.getByTestId('visit-name').fill(name);
  await guest.page.getByTestId('visit-join').click();
  await expect(composite(guest, 'call-composite-start-call-button')).toBeVisible();
}

/** Camera and microphone on, and in. */
export async function guestStarts(guest: Person): Promise<void> {
  await composite(guest, 'call-composite-local-device-settings-camera-button').click();
  await expect(composite(guest, 'call-composite-local-preview').locator('video')).toBeVisible();
  await composite(guest, 'call-composite-local-device-settings-microphone-button').click();
  await composite(guest, 'call-composite-start-call-button').click();
}

export async function guestWaits(guest: Person): Promise<void> {
  await expect(composite(guest, 'lobbyScreenTitle')).toContainText('Riverside Clinic: you are in the waiting room');
}

export async function guestIsIn(guest: Person): Promise<void> {
  await expect(composite(guest, 'call-page')).toBeVisible();
}

/** Begins or ends sharing the screen; only presenters may. */
export async function guestShares(guest: Person): Promise<void> {
  await composite(guest, 'call-composite-screenshare-button').click();
}

/** Leaves the call, and says so again when asked. */
export async function guestLeaves(guest: Person): Promise<void> {
  await composite(guest, 'call-composite-hangup-button').click();
  await guest.page.getByRole('dialog').getByRole('button', { name: 'Leave', exact: true }).click();
}

/** Makes somebody in the meeting a presenter, or an attendee again. */
export async function changeRole(page: Page, name: string): Promise<void> {
  await openPeople(page);
  await page.getByTestId('roster-item').filter({ hasText: name }).getByTestId('person-menu').click();
  await page.getByTestId('change-role').click();
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

const LOOKS = [
  { look: 'desktop-light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { look: 'desktop-dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { look: 'phone-dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
  { look: 'phone-light', viewport: { width: 390, height: 844 }, colorScheme: 'light' },
] as const;

/**
 * Saves what a person sees, on a desktop and on a phone, light and dark, for people to look at; the files are not committed.
 * Leaves the page as it was.
 */
export async function shot(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  for (const { look, viewport, colorScheme } of LOOKS) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `../../target/e2e/screens/${name}-${look}.png`, animations: 'disabled' });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  if (before !== null) await page.setViewportSize(before);
}
