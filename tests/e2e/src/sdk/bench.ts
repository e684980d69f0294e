/**
 * The SDK bench: people with the calling SDK in real browsers, in meetings of a running server.
 *
 * `const bench = await openBench(house)`, or the fixture `bench` of `test` here, which closes and checks at the end: no page had an error, and no
 * page asked another machine for anything.
 */
import { type Browser, type BrowserContextOptions, chromium } from '@playwright/test';

import config from '../../playwright.config.js';
import type { House } from '../house.js';
import { expect, test as base } from '../test.js';
import { Person } from './person.js';
import { Site } from './site.js';
import { Desk } from './tokens.js';
import type { OnlineMeeting, Ticket } from './tokens.js';

export { expect, Person };
export type { OnlineMeeting, Ticket };

interface Wish {
  /** A WAV file as the microphone (16 bit PCM). Another browser process is started for it. */
  readonly audioFile?: string;
  /** A Y4M or MJPEG file as the camera. Another browser process is started for it. */
  readonly videoFile?: string;
  /** More arguments of Chromium. Another browser process is started for them. */
  readonly args?: readonly string[];
  /** Options of the browser context: viewport, permissions, locale. */
  readonly context?: BrowserContextOptions;
  /** Options of the `CallClient`. */
  readonly client?: object;
  /** The network is taken away from this person, or something is refused: what the browser itself says about that is no error. */
  readonly cutOff?: boolean;
}

/** Who is to come. */
export type PersonWish = Wish &
  (
    | { readonly kind: 'guest'; readonly name?: string; /** An identity that exists already. */ readonly ticket?: Ticket }
    | { readonly kind: 'member'; readonly member: 0 | 1 | 2 }
  );

/** A meeting with its locators. */
export type BenchMeeting = OnlineMeeting & {
  /** The locator by link. */
  readonly byLink: { meetingLink: string };
  /** The locator by meeting ID and passcode. */
  readonly byId: { meetingId: string; passcode: string };
  /** The locator by the coordinates of the long link. */
  readonly byCoordinates: { threadId: string; organizerId: string; tenantId: string; messageId: string };
};

export class Bench {
  readonly people: Person[] = [];
  private readonly browsers = new Map<string, Promise<Browser>>();
  private policyBefore: object | undefined;

  constructor(
    readonly house: House,
    readonly site: Site,
    /** Tokens, Graph. */
    readonly desk: Desk,
  ) {}

  /** A person with an own browser context, fake devices and a connected agent; not in a call yet. */
  async person(wish: PersonWish): Promise<Person> {
    const ticket = wish.kind === 'member' ? await this.desk.member(wish.member) : (wish.ticket ?? (await this.desk.guest()));
    const name = wish.kind === 'member' ? this.desk.account(wish.member).displayName : wish.name;
    const freshToken = async (): Promise<string> => (wish.kind === 'member' ? ticket.token : this.desk.again(ticket.id));
    const browser = await this.browser(wish);
    const context = await browser.newContext({ permissions: ['camera', 'microphone'], viewport: { width: 1280, height: 800 }, ...wish.context });
    const person = await Person.open(context, this.site.origin, { kind: wish.kind, id: ticket.id, token: ticket.token, name, client: wish.client ?? {}, freshToken, cutOff: wish.cutOff });
    this.people.push(person);
    return person;
  }

  /** Makes a meeting over Graph; everything but `organizer` is the body of the request. Without more, guests wait in the lobby. */
  async meeting({ organizer = 0, ...body }: { organizer?: 0 | 1 | 2 } & Record<string, unknown> = {}): Promise<BenchMeeting> {
    const now = Date.now();
    const made = await this.desk.graph<OnlineMeeting>(organizer, 'POST', '/me/onlineMeetings', {
      subject: 'Bench',
      startDateTime: new Date(now).toISOString(),
      endDateTime: new Date(now + 3_600_000).toISOString(),
      ...body,
    });
    const { joinMeetingId, passcode } = made.joinMeetingIdSettings;
    return { ...made, byLink: { meetingLink: made.joinWebUrl }, byId: { meetingId: joinMeetingId, passcode: passcode ?? '' }, byCoordinates: coordinates(made.joinWebUrl) };
  }

  /** A meeting that everyone may enter at once. */
  openMeeting(body: { organizer?: 0 | 1 | 2 } & Record<string, unknown> = {}): Promise<BenchMeeting> {
    return this.meeting({ lobbyBypassSettings: { scope: 'everyone' }, ...body });
  }

  /** Changes policies of the whole house until the end of the test, also when it fails: `policy({ guestRaisedHand: true })`. */
  async policy(change: object): Promise<void> {
    const before = await this.desk.settings({ policy: change });
    this.policyBefore ??= before.policy;
  }

  /** What went wrong in any page so far: errors, and contacts with other machines. */
  errors(): string[] {
    return this.people.flatMap((person) => {
      const foreign = person.witness.foreignHosts.map((host) => `contacted ${host}`);
      return [...person.errors, ...foreign].map((text) => `${person.name ?? person.id}: ${text}`);
    });
  }

  async close(): Promise<void> {
    const { policyBefore } = this;
    this.policyBefore = undefined;
    try {
      if (policyBefore) await this.desk.settings({ policy: policyBefore });
    } finally {
      for (const { context } of this.people) await context.close();
      for (const browser of this.browsers.values()) await (await browser).close();
      this.site.close();
    }
  }

  /** The browser process for these wishes; shared by everybody who wishes the same. */
  browser({ audioFile, videoFile, args = [] }: Wish = {}): Promise<Browser> {
    const more = [
      ...(audioFile === undefined ? [] : [`--use-file-for-fake-audio-capture=${audioFile}`]),
      ...(videoFile === undefined ? [] : [`--use-file-for-fake-video-capture=${videoFile}`]),
      ...args,
    ];
    const key = more.join(' ');
    let browser = this.browsers.get(key);
    if (browser === undefined) {
      const { launchOptions } = config.use ?? {};
      browser = chromium.launch({ ...launchOptions, args: [...(launchOptions?.args ?? []), '--auto-select-desktop-capture-source=Entire screen', ...more] });
      this.browsers.set(key, browser);
    }
    return browser;
  }
}

/** What a long join link says of its meeting: `…/l/meetup-join/<thread>/<message>?context={"Tid":…,"Oid":…}`. */
function coordinates(joinWebUrl: string): BenchMeeting['byCoordinates'] {
  const { pathname, searchParams } = new URL(joinWebUrl);
  const [threadId = '', messageId = ''] = (pathname.split('/meetup-join/')[1] ?? '').split('/').map(decodeURIComponent);
  const { Tid = '', Oid = '' } = JSON.parse(searchParams.get('context') ?? '{}') as { Tid?: string; Oid?: string };
  return { threadId, organizerId: Oid, tenantId: Tid, messageId };
}

/** Opens the bench for a running server. */
export async function openBench(house: House): Promise<Bench> {
  return new Bench(house, await Site.open(), new Desk(house));
}

export const test = base.extend<{ bench: Bench }>({
  bench: async ({ house }, use) => {
    const bench = await openBench(house);
    await use(bench);
    const errors = bench.errors();
    await bench.close();
    expect(errors, 'no page had an error').toEqual([]);
  },
});
