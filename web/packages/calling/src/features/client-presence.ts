// Whether another page of the same origin in this browser uses the SDK too, told between the pages over a broadcast channel.
//
// Owns: one channel per client that has an agent. Invariants: a client without an agent says nothing and opens nothing; a page that goes
// says so, and one that went without (a crash) is forgotten after its next silence; nothing of any call is told. Tests: test/debug-info.test.ts.
import type { Platform } from '../adapters/platform';
import { Emitter } from '../core/emitter';

/** All pages of an origin that use the SDK meet here. */
const CHANNEL = 'anteroom-calling-clients';
const TELL_EVERY_MS = 10_000;
/** Browsers hold timers of a page in the background back to one a minute. */
const FORGET_MS = 90_000;

interface Word {
  readonly id: string;
  readonly page: string;
  readonly word: 'here' | 'gone' | 'who';
}

function isWord(value: unknown): value is Word {
  return typeof value === 'object' && value !== null && 'id' in value && 'word' in value && typeof value.id === 'string';
}

function anything(): string {
  return `${String(Math.random())}${String(Math.random())}`;
}

/** Clients of the same page are no other tab. */
let ownPage: string | undefined;

/** Presence of one client. */
export class ClientPresence extends Emitter<{ changed: () => void }> {
  private readonly id = anything();
  private readonly page: string;
  private readonly others = new Map<string, number>();
  private channel: BroadcastChannel | undefined;
  private cancel: () => void = () => undefined;
  private told = false;

  constructor(
    private readonly platform: Platform,
    page?: string,
  ) {
    super();
    this.page = page ?? (ownPage ??= anything());
  }

  /** Whether there is another one. */
  get isElsewhere(): boolean {
    return this.others.size > 0;
  }

  /** The client has an agent from now on, or none any more. */
  setActive(active: boolean): void {
    if (active) this.open();
    else this.close();
  }

  private open(): void {
    if (this.channel || typeof BroadcastChannel === 'undefined') return;
    this.channel = new BroadcastChannel(CHANNEL);
    // Node keeps a process alive for an open channel; a page is not kept.
    (this.channel as { unref?: () => void }).unref?.();
    this.channel.onmessage = ({ data }: MessageEvent<unknown>) => { if (isWord(data)) this.heard(data); };
    this.say('who');
    this.tick();
  }

  private close(): void {
    if (!this.channel) return;
    this.say('gone');
    this.cancel();
    this.channel.onmessage = null;
    this.channel.close();
    this.channel = undefined;
    this.others.clear();
    this.tell();
  }

  private tick(): void {
    this.say('here');
    const now = this.platform.now();
    for (const [id, at] of this.others) if (now - at > FORGET_MS) this.others.delete(id);
    this.tell();
    this.cancel = this.platform.after(TELL_EVERY_MS, () => { this.tick(); });
  }

  private heard({ id, page, word }: Word): void {
    if (page === this.page) return;
    if (word === 'gone') this.others.delete(id);
    else this.others.set(id, this.platform.now());
    if (word === 'who') this.say('here');
    this.tell();
  }

  private say(word: Word['word']): void {
    this.channel?.postMessage({ id: this.id, page: this.page, word } satisfies Word);
  }

  private tell(): void {
    if (this.told === this.isElsewhere) return;
    this.told = this.isElsewhere;
    this.emit('changed');
  }
}
