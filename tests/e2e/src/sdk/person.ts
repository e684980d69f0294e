/** One person of the SDK bench: a browser context with fake devices, and the SDK in it. */
import { type BrowserContext, type Page, expect } from '@playwright/test';

import { OF_THE_BROWSER } from '../browser-words.js';
import { Witness } from '../witness.js';
import type { Beginning, JoinWish, Sdk } from './page.js';

/** What the page told of one event. */
export interface Told {
  readonly target: string;
  readonly name: string;
  readonly payload: unknown;
}

/** Somebody in a meeting, by raw id. */
export interface Known {
  readonly id: string;
}

/** A locator as `join` takes it. */
export type Locator = Parameters<Sdk['join']>[0];

/** How long a fact may take on a machine that encodes several videos. */
const PATIENCE = 60_000;

export class Person {
  /** Every recorded event, oldest first. */
  readonly told: Told[] = [];
  /** Uncaught errors, unhandled rejections and what the page wrote as an error. */
  readonly errors: string[] = [];
  /** The network is taken away from this person, or something is refused: what the browser itself says about that is no error. */
  cutOff = false;
  private readonly waiting = new Set<() => void>();

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly witness: Witness,
    /** Raw id. */
    readonly id: string,
    readonly name: string | undefined,
  ) {}

  /** Opens the page and makes the agent. */
  static async open(
    context: BrowserContext,
    origin: string,
    beginning: Beginning & { readonly id: string; readonly freshToken: () => Promise<string>; readonly cutOff?: boolean | undefined },
  ): Promise<Person> {
    const page = await context.newPage();
    const witness = await Witness.attach(page);
    const { id, freshToken, cutOff, ...rest } = beginning;
    const person = new Person(context, page, witness, id, rest.name);
    person.cutOff = cutOff === true;
    page.on('pageerror', (error) => person.errors.push(`${error.message}\n${error.stack ?? ''}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !(person.cutOff && OF_THE_BROWSER.test(message.text()))) person.errors.push(message.text());
    });
    await page.exposeFunction('sdkEvent', (told: Told) => {
      person.told.push(told);
      for (const look of person.waiting) look();
    });
    await page.exposeFunction('sdkToken', freshToken);
    await page.goto(origin);
    await page.waitForFunction(() => typeof (window.sdk as Sdk | undefined)?.begin === 'function');
    await page.evaluate((wish) => window.sdk.begin(wish), rest);
    return person;
  }

  /** Runs a function in the page; it reaches the SDK as `sdk`. Arguments and result are JSON. */
  run<R>(fn: () => R): Promise<Awaited<R>>;
  run<R, A>(fn: (arg: A) => R, arg: A): Promise<Awaited<R>>;
  run(fn: (arg: unknown) => unknown, arg?: unknown): Promise<unknown> {
    return this.page.evaluate(fn as never, arg as never);
  }

  /** Runs a function of the SDK that has to fail, and gives its error. */
  async refused<A>(fn: (arg: A) => unknown, arg?: A): Promise<{ code: number; subCode: number; message: string; name: string; reason?: string }> {
    const told = await this.page.evaluate(
      async ([source, given]) => {
        try {
          await (new Function(`return (${source})`)() as (arg: unknown) => unknown)(given);
          return undefined;
        } catch (error) {
          const { code, subCode, message, name, reason } = error as Record<string, unknown>;
          return { code, subCode, message: String(message), name, reason };
        }
      },
      [fn.toString(), arg] as [string, unknown],
    );
    expect(told, 'this is refused').toBeDefined();
    return told as never;
  }

  /** Joins and keeps `sdk.call`. `{ camera: true }` sends the first camera, `{ muted: true }` joins muted; everything else is passed on. */
  async join(locator: Locator, options: JoinWish & Record<string, unknown> = {}): Promise<void> {
    await this.page.evaluate(([where, how]) => window.sdk.join(where, how), [locator, options] as [Locator, JoinWish]);
  }

  /** Joins and waits until the call is connected. */
  async enters(locator: Locator, options: JoinWish & Record<string, unknown> = {}): Promise<void> {
    await this.join(locator, options);
    await this.state('Connected');
  }

  /** Waits for a state of the call; a call that ended meanwhile fails with its reason. */
  async state(wanted: string): Promise<void> {
    await this.page.waitForFunction((state) => [state, 'Disconnected'].includes(window.sdk.call.state), wanted, { polling: 100, timeout: PATIENCE });
    const { state, reason } = await this.run(() => ({ state: sdk.call.state as string, reason: sdk.call.callEndReason }));
    expect(state, `the call of ${this.name ?? this.id} ended: ${JSON.stringify(reason)}`).toBe(wanted);
  }

  /** Why the call ended. */
  async endReason(): Promise<{ code: number; subCode: number; message?: string; name?: string }> {
    await this.state('Disconnected');
    return (await this.run(() => ({ ...sdk.call.callEndReason }))) as never;
  }

  /** Hangs up and waits for the end. */
  async leave(options: { forEveryone?: boolean } = {}): Promise<void> {
    await this.run((given) => sdk.call.hangUp(given), options);
    await this.state('Disconnected');
  }

  /**
   * Records these events, now and of every later call: `events('Features.Reaction', 'reaction')`, `events('call.lobby', 'lobbyParticipantsUpdated')`.
   * Targets: `agent`, `devices`, `call`, `call.lobby`, `Features.X`, `Features.Captions.captions`, `participant:<raw id>`. An event without payload is
   * recorded with the new value of the property that it is named after.
   */
  async events(target: string, ...names: string[]): Promise<void> {
    await this.page.evaluate(([what, which]) => { window.sdk.watch(what, which); }, [target, names] as [string, string[]]);
  }

  /** Waits until a recorded event matches; gives the first that does. Earlier events count, unless `forget` was called. */
  async waitEvent<T = Record<string, unknown>>(target: string, name: string, matches: (payload: T) => boolean = () => true): Promise<T> {
    const find = (): Told | undefined => this.told.find((told) => told.target === target && told.name === name && matches(told.payload as T));
    const found = find();
    if (found !== undefined) return found.payload as T;
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const late = find();
        if (late === undefined) return;
        end();
        resolve(late.payload as T);
      };
      const end = (): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
      };
      const timer = setTimeout(() => {
        end();
        const seen = this.told.filter((told) => told.target === target).map((told) => `${told.name} ${JSON.stringify(told.payload)}`);
        reject(new Error(`${this.name ?? this.id} had no matching ${target} ${name}; had: ${seen.join('; ') || 'nothing'}`));
      }, PATIENCE);
      this.waiting.add(look);
    });
  }

  /** Recorded events so far. */
  heard(target: string, name: string): unknown[] {
    return this.told.filter((told) => told.target === target && told.name === name).map(({ payload }) => payload);
  }

  /** Forgets what was recorded. */
  forget(): void {
    this.told.length = 0;
  }

  /** Waits for a fact in the page: until the function gives something true. */
  async until<A>(fn: (arg: A) => unknown, arg?: A): Promise<void> {
    await this.page.waitForFunction(fn as never, arg as never, { polling: 100, timeout: PATIENCE });
  }

  /** Waits until somebody else is connected in the roster. */
  async meets(other: Known): Promise<void> {
    await this.until((id) => sdk.participant(id)?.state === 'Connected', other.id);
  }

  /** Waits until somebody is gone from the roster. */
  async misses(other: Known): Promise<void> {
    await this.until((id) => sdk.participant(id) === undefined, other.id);
  }

  /** Lets somebody in who waits. */
  async admits(other: Known): Promise<void> {
    await this.until((id) => sdk.call.lobby?.participants.some(({ identifier }) => sdk.common.getIdentifierRawId(identifier) === id), other.id);
    await this.run((id) => sdk.call.lobby?.admit(sdk.common.createIdentifierFromRawId(id)), other.id);
  }

  /** Waits until remote videos (of one person, of one kind) show new frames in elements of this page. */
  async decodes(who?: string | Known, kind?: 'Video' | 'ScreenSharing'): Promise<void> {
    const given = [typeof who === 'object' ? who.id : who, kind] as [string | undefined, 'Video' | 'ScreenSharing' | undefined];
    const frames = (): Promise<number> => this.page.evaluate(([id, type]) => window.sdk.frames(id, type), given);
    const before = await frames();
    await expect.poll(frames, { timeout: PATIENCE, message: `${this.name ?? this.id} sees moving pictures` }).toBeGreaterThan(before + 3);
  }

  /** Waits until this person hears more than silence. */
  async hears(): Promise<void> {
    const before = (await this.witness.received()).audioEnergy;
    await expect
      .poll(async () => (await this.witness.received()).audioEnergy, { timeout: PATIENCE, message: `${this.name ?? this.id} hears something` })
      .toBeGreaterThan(before + 1e-5);
  }
}
