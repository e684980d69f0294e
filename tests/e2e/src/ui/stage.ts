/**
 * People with the published UI library, unmodified, on the calling SDK: the harness in `web/harness` in a browser with fake devices.
 *
 * The fixture `ui` opens them; at the end no page had an error, wrote one, or asked another machine for anything, and the library counts no failed
 * operation (`latestErrors`), except for people to whom something is refused on purpose (`refused`).
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { BrowserContext, BrowserContextOptions, Locator, Page, WebSocketRoute } from '@playwright/test';

import { OF_THE_BROWSER } from '../browser-words.js';
import { type Bench, type BenchMeeting, type Person, type Ticket, expect, test as base } from '../sdk/bench.js';
import { Site } from '../sdk/site.js';
import { Witness } from '../witness.js';

export { expect };

const dist = join(dirname(fileURLToPath(import.meta.url)), '../../../../web/harness/dist');

/** How the UI library writes down by itself that a call was refused; the tests of refusals look at the page. */
const OF_THE_LIBRARY = /^Call ended because /;

/** Where the composites are heading, as the adapter calls it. */
export type PageName =
  | 'configuration'
  | 'lobby'
  | 'call'
  | 'hold'
  | 'leaving'
  | 'leftCall'
  | 'removedFromCall'
  | 'accessDeniedTeamsMeeting'
  | 'joinCallFailedDueToNoNetwork'
  | 'badRequest'
  | 'returningFromBreakoutRoom';

/** What may be joined: one of the locators of the UI library. */
export type UiLocator = { meetingLink: string } | { meetingId: string; passcode: string } | { roomId: string } | { groupId: string };

export interface UiWish {
  readonly composite?: 'call' | 'callWithChat' | 'teams';
  readonly locator: UiLocator;
  readonly name?: string;
  /** A member, for the Teams identity. */
  readonly member?: 0 | 1 | 2;
  /** An identity that exists already. */
  readonly ticket?: Ticket;
  /** The thread of a group call with chat. */
  readonly threadId?: string;
  readonly dark?: boolean;
  readonly mobile?: boolean;
  /** Something is refused to this person, or the network is taken away: what the library counts as failed is the test's to look at. */
  readonly refused?: boolean;
  /** Whether the test can cut the signalling connection (`wire`). */
  readonly cuttable?: boolean;
  /** In React's strict mode, the adapter made by the library's hook or in an effect of the page. */
  readonly strict?: 'hook' | 'effect';
  readonly context?: BrowserContextOptions;
}

/** The signalling connection of a page, to be cut and mended. */
export class Wire {
  private isCut = false;
  private readonly open = new Set<WebSocketRoute>();

  static async between(page: Page): Promise<Wire> {
    const wire = new Wire();
    await page.routeWebSocket(/\/signal$/, async (route) => {
      if (wire.isCut) {
        await route.close();
        return;
      }
      route.connectToServer();
      wire.open.add(route);
    });
    return wire;
  }

  /** Ends the connection and every attempt at another one. */
  async cut(): Promise<void> {
    this.isCut = true;
    for (const route of this.open) await route.close();
    this.open.clear();
  }

  mend(): void {
    this.isCut = false;
  }
}

/** One page of the harness. */
export class UiPerson {
  readonly errors: string[] = [];
  /** Failed operations are expected. */
  refused = false;
  /** Only with `cuttable`. */
  wire: Wire | undefined;

  constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly witness: Witness,
    readonly id: string,
    readonly name: string,
  ) {
    page.on('pageerror', (error) => this.errors.push(`${error.message}\n${error.stack ?? ''}`));
    page.on('console', (message) => {
      if (message.type() !== 'error' || (this.refused && OF_THE_BROWSER.test(message.text())) || OF_THE_LIBRARY.test(message.text())) return;
      this.errors.push(message.text());
    });
  }

  /** A control or region of the composites. */
  at(id: string): Locator {
    return this.page.locator(`[data-ui-id="${id}"]`);
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name });
  }

  /** Waits until the composite is on this page. */
  async on(page: PageName): Promise<void> {
    await this.page.waitForFunction((wanted) => state()?.page === wanted, page, { polling: 100, timeout: 60_000 }).catch(async (error: unknown) => {
      throw new Error(`${this.name} is on ${JSON.stringify(await this.state())}: ${String(error)}`);
    });
  }

  /** What the adapter says. */
  state(): Promise<{ page?: string; ended?: unknown; errors?: string[] }> {
    return this.page.evaluate(() => {
      const now = state();
      // Among its failures the library also counts that somebody else muted the person.
      const errors = Object.entries(now?.latestErrors ?? {}).filter(([where]) => where !== 'Call.mutedByOthers');
      return { page: now?.page, ended: now?.endedCall?.callEndReason, errors: errors.map(([where, error]) => `${where}: ${String(error)}`) };
    });
  }

  /** Presses the button that joins. */
  async starts(): Promise<void> {
    await this.at('call-composite-start-call-button').click();
  }

  /** Switches the camera on before joining. */
  async cameraOn(): Promise<void> {
    await this.at('call-composite-local-device-settings-camera-button').click();
    await expect(this.at('call-composite-local-preview').locator('video')).toBeVisible();
  }

  /** The tile of somebody by the name on it. */
  tile(name: string): Locator {
    return this.page.locator('[data-ui-id="video-tile"]').filter({ hasText: name });
  }

  /** Waits until a video in this region shows new frames. */
  async moves(inside: Locator): Promise<void> {
    const video = inside.locator('video').first();
    await expect(video).toBeVisible({ timeout: 60_000 });
    const frames = (): Promise<number> => video.evaluate((element: HTMLVideoElement) => element.getVideoPlaybackQuality().totalVideoFrames);
    const before = await frames();
    await expect.poll(frames, { timeout: 60_000, message: `${this.name} sees moving pictures` }).toBeGreaterThan(before + 3);
  }

  /** Saves the page as it looks, for people to look at. */
  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: `../../target/e2e/ui/${name}.png`, animations: 'disabled' });
  }

  /** Leaves, and says so again when asked. */
  async leaves(): Promise<void> {
    await this.at('call-composite-hangup-button').click();
    await this.page.getByRole('dialog').getByRole('button', { name: 'Leave', exact: true }).click();
    await this.on('leftCall');
  }
}

interface AdapterState {
  page: string;
  call?: { breakoutRooms?: { breakoutRoomDisplayName?: string }; remoteParticipants: Record<string, { raisedHand?: unknown; reactionState?: unknown; spotlight?: unknown } | undefined> };
  endedCall?: { callEndReason?: unknown };
  latestErrors?: Record<string, unknown>;
}
interface Harness {
  adapter: { getState(): AdapterState };
}
declare global {
  interface Window {
    harness?: Harness;
  }
  /** Made by `addInitScript` below: the state of the adapter, once there is one. */
  function state(): AdapterState | undefined;
}

/** Makes people with the UI library. */
export class Ui {
  readonly people: UiPerson[] = [];

  constructor(
    private readonly bench: Bench,
    private readonly site: Site,
  ) {}

  /** Opens the harness and waits for the configuration page. */
  async person(wish: UiWish): Promise<UiPerson> {
    const { composite = 'call', locator, member, threadId, dark = false, mobile = false } = wish;
    const ticket = member === undefined ? (wish.ticket ?? (await this.bench.desk.guest())) : await this.bench.desk.member(member);
    const name = wish.name ?? (member === undefined ? 'Maria' : this.bench.desk.account(member).displayName);
    const browser = await this.bench.browser();
    const viewport = mobile ? { width: 390, height: 844 } : { width: 1280, height: 800 };
    // Chat needs the encrypted address, whose certificate is made for this run.
    const context = await browser.newContext({ permissions: ['camera', 'microphone'], viewport, ignoreHTTPSErrors: true, ...wish.context });
    const page = await context.newPage();
    const person = new UiPerson(context, page, await Witness.attach(page), ticket.id, name);
    this.people.push(person);
    person.refused = wish.refused === true || wish.cuttable === true;
    if (wish.cuttable === true) person.wire = await Wire.between(page);
    await page.addInitScript(() => {
      window.state = () => window.harness?.adapter.getState();
    });
    const query = new URLSearchParams({
      composite,
      token: ticket.token,
      userId: ticket.id,
      displayName: name,
      endpoint: this.bench.house.ready.origin,
      theme: dark ? 'dark' : 'light',
      form: mobile ? 'mobile' : 'desktop',
      ...(threadId === undefined ? {} : { threadId }),
      ...(wish.strict === undefined ? {} : { strict: wish.strict }),
      ...locator,
    });
    await page.goto(`${this.site.origin}/#${query.toString()}`);
    await person.on('configuration');
    return person;
  }

  /** What the library counts as failed, of everybody to whom nothing was to be refused. */
  async failures(): Promise<string[]> {
    const told: string[] = [];
    for (const person of this.people.filter(({ refused }) => !refused)) {
      const { errors = [] } = await person.state();
      told.push(...errors.map((text) => `${person.name}: ${text}`));
    }
    return told;
  }

  errors(): string[] {
    return this.people.flatMap((person) => [...person.errors, ...person.witness.foreignHosts.map((host) => `contacted ${host}`)].map((text) => `${person.name}: ${text}`));
  }
}

/** An open meeting with its organizer on the SDK and a guest on the UI library, both in the call. */
export async function guestInCall(
  bench: Bench,
  ui: Ui,
  wish: Omit<UiWish, 'locator'> & { body?: Record<string, unknown>; camera?: boolean; audioFile?: string } = {},
): Promise<{ meeting: BenchMeeting; anna: Person; maria: UiPerson }> {
  const { body = {}, camera = false, audioFile, ...rest } = wish;
  const meeting = await bench.openMeeting(body);
  const anna = await bench.person({ kind: 'member', member: 0, ...(audioFile === undefined ? {} : { audioFile }) });
  await anna.enters(meeting.byLink, { camera });
  const maria = await ui.person({ locator: meeting.byLink, name: 'Maria', ...rest });
  await maria.starts();
  await maria.on('call');
  await anna.meets(maria);
  return { meeting, anna, maria };
}

/** The built harness. */
function harnessFile(pathname: string): Uint8Array | undefined {
  const file = join(dist, normalize(pathname === '/' ? '/index.html' : pathname));
  return file.startsWith(dist) && existsSync(file) ? readFileSync(file) : undefined;
}

export const test = base.extend<{ ui: Ui }>({
  ui: async ({ bench }, use, info) => {
    if (!existsSync(join(dist, 'main.js'))) throw new Error('web/harness is not built: npm run setup && npm run build in web/harness');
    const site = await Site.serving(harnessFile);
    const ui = new Ui(bench, site);
    await use(ui);
    const errors = ui.errors();
    // After a failed test the page may be anywhere.
    const failures = info.status === info.expectedStatus ? await ui.failures() : [];
    for (const { context } of ui.people) await context.close();
    site.close();
    expect(errors, 'no page of the UI library had an error').toEqual([]);
    expect(failures, 'no operation of the UI library failed').toEqual([]);
  },
});
