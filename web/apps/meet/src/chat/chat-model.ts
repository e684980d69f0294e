/**
 * The chat of the meeting that the person is in, as the pane and its button show it.
 * Owns: what was read so far, what of it is new to the person, asking again, sending. Not here: HTTP and HTML (`chat-server.ts`), the pane.
 * Invariants: one request for messages at a time, each answer in place of what was known of its stretch; nothing is asked before `start` or after
 * `end`; what one comes into is not new; the own messages never are; what has been read is not asked for again but for edits, now and then. Kept by
 * `chat-model.test.ts`.
 */
import { ApiError, sentenceOf } from "../api/http";
import { Store, type Readable } from "../base/store";
import type { Permission } from "../call/view";
import type { After } from "../call/reactions";
import type { ChatEntry, ChatPage, ChatServer } from "./chat-server";
import { beginning } from "./plain-text";

export interface ChatView {
  open: boolean;
  /** Nothing has been read yet. */
  loading: boolean;
  /** Oldest first. */
  entries: readonly ChatEntry[];
  /** Older ones can be asked for. */
  earlier: boolean;
  /** Messages of others since the pane was last open. */
  unread: number;
  writing: Permission;
  sending: boolean;
  /** Why the chat is not up to date, or the last message was not sent; a sentence. */
  problem: string;
}

export interface ChatPorts {
  server: ChatServer;
  /** Known as soon as one is in the meeting. */
  threadId: () => string | undefined;
  ownId: string;
  after: After;
}

/** Between two requests while the pane is open, and while it is not. */
export const openMs = 3000;
export const closedMs = 15_000;
/** Each such request asks for the whole newest page, for what was edited and deleted in it; the others for what is new only. */
export const wholeEvery = 10;
/** What is read out of a message. */
const said = 300;
/** Older ones are not shown any more than these; nobody scrolls further in a meeting. */
const most = 1000;
/** Bytes of a message that the server takes. */
const longest = 28 * 1024;

export class ChatModel {
  private readonly store = new Store<ChatView>({
    open: false,
    loading: true,
    entries: [],
    earlier: false,
    unread: 0,
    writing: { allowed: true },
    sending: false,
    problem: "",
  });
  private readonly listeners = new Set<(sentence: string) => void>();
  private typed = "";
  private older: string | undefined;
  private seen: number | undefined;
  /** The newest that was told to a screen reader. */
  private told = 0;
  /** Why the last message was not sent, until the next one is. */
  private unsent = "";
  private last: Promise<unknown> = Promise.resolve();
  /** How many requests may still ask for what is new only, until the next whole page. */
  private parts = 0;
  private asking = false;
  private running = false;
  private over = false;
  private cancel: () => void = () => undefined;

  constructor(private readonly ports: ChatPorts) {}

  get view(): Readable<ChatView> {
    return this.store;
  }

  /** Sentences for screen readers. */
  onAnnounce(listener: (sentence: string) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** The person is in the meeting. Again is no more than once. */
  start(): void {
    if (!this.running && !this.over) {
      this.running = true;
      void this.round();
    }
  }

  /** The meeting is over for the person. */
  end(): void {
    this.over = true;
    this.cancel();
  }

  show(): void {
    this.store.patch({ open: true, unread: 0 });
    this.seen = Math.max(this.seen ?? 0, this.newest());
    void this.askWriting();
    this.parts = 0;
    void this.round();
  }

  hide(): void {
    this.store.patch({ open: false });
    this.plan();
  }

  /** What was typed and not sent; it outlives the pane. */
  get draft(): string {
    return this.typed;
  }

  keepDraft(text: string): void {
    this.typed = text;
  }

  /** Whether it was sent. What is not sent stays with whoever typed it. */
  async send(text: string): Promise<boolean> {
    const threadId = this.ports.threadId();
    const { sending, writing } = this.store.get();
    const trimmed = text.trim();
    if (this.over || threadId === undefined || sending || !writing.allowed || trimmed === "") {
      return false;
    }
    if (new TextEncoder().encode(trimmed).length > longest) {
      this.unsent = "This message is too long. Send it in parts.";
      this.store.patch({ problem: this.unsent });
      return false;
    }
    this.unsent = "";
    this.store.patch({ sending: true, problem: "" });
    try {
      await this.ports.server.send(threadId, trimmed);
    } catch (error) {
      this.unsent = sentenceOf(error);
      this.store.patch({ sending: false, problem: this.unsent });
      this.say(this.unsent);
      if (error instanceof ApiError && error.status === 403) {
        await this.askWriting();
      }
      return false;
    }
    this.store.patch({ sending: false });
    // It is sent, whether or not the list can be read now.
    void this.round();
    return true;
  }

  async showEarlier(): Promise<void> {
    await this.one(async (threadId) => {
      if (this.older !== undefined) {
        this.take(await this.ports.server.page(threadId, { from: this.older }), "earlier");
      }
    });
  }

  /** Asks for what is new now, and again after a while. */
  private async round(): Promise<void> {
    await this.one(async (threadId) => {
      const newest = this.store.get().entries.at(-1);
      if (newest === undefined || this.parts <= 0) {
        this.take(await this.ports.server.page(threadId, undefined), "whole");
        this.parts = wholeEvery - 1;
      } else {
        const page = await this.ports.server.page(threadId, { since: newest.at });
        // More than a page has come: it is the newest page, as without a time.
        this.take(page, page.next === undefined ? "part" : "whole");
        this.parts -= 1;
      }
    });
    this.plan();
  }

  private plan(): void {
    this.cancel();
    if (this.running && !this.over) {
      this.cancel = this.ports.after(this.store.get().open ? openMs : closedMs, () => void this.round());
    }
  }

  /** One after the other, so that an older answer never takes the place of a newer one. */
  private one(work: (threadId: string) => Promise<void>): Promise<void> {
    const run = this.last.then(async () => {
      const threadId = this.ports.threadId();
      if (this.over || !this.running || threadId === undefined) {
        return;
      }
      try {
        await work(threadId);
      } catch (error) {
        if (!this.over) {
          this.fail(error);
        }
      }
    });
    this.last = run;
    return run;
  }

  private fail(error: unknown): void {
    if (error instanceof ApiError && error.status === 403 && error.code === "Forbidden") {
      // Not, or no longer, in the thread: nothing of it stays on the page.
      const why = "The chat of this meeting is not open to you.";
      this.older = undefined;
      this.store.patch({ loading: false, entries: [], earlier: false, unread: 0, writing: { allowed: false, why }, problem: "" });
    } else {
      this.store.patch({ loading: false, problem: sentenceOf(error) });
    }
  }

  private async askWriting(): Promise<void> {
    const threadId = this.ports.threadId();
    if (threadId === undefined || this.over) {
      return;
    }
    this.asking = true;
    // What cannot be learnt is told when it is tried.
    const writing = await this.ports.server.writing(threadId).catch(() => undefined);
    this.asking = false;
    if (writing !== undefined && !this.over) {
      this.store.patch({ writing });
    }
  }

  private take(page: ChatPage, what: Stretch): void {
    if (this.over) {
      return;
    }
    const before = this.store.get();
    const first = before.loading;
    const { all, older } = merged(before.entries, this.older, page, what);
    this.older = older;
    const entries = all.length <= most ? all : what === "earlier" ? all.slice(0, most) : all.slice(-most);
    const newest = all.at(-1)?.id ?? 0;
    if (first || before.open) {
      this.seen = Math.max(this.seen ?? 0, newest);
    }
    const { seen = 0 } = this;
    const unread = before.open ? 0 : all.filter((entry) => entry.id > seen && this.isOthers(entry)).length;
    const changed = entries.length !== before.entries.length || entries.some((entry, at) => !same(entry, before.entries[at]));
    this.store.patch({
      loading: false,
      // The same array when nothing changed: the pane does not render every three seconds.
      entries: changed ? entries : before.entries,
      earlier: older !== undefined && entries.length < most,
      unread,
      problem: this.unsent,
    });
    this.tell(first ? [] : all.filter((entry) => entry.id > this.told && this.isOthers(entry)), before.open);
    this.told = Math.max(this.told, newest);
    if (!before.writing.allowed && !this.asking) {
      // Who can read is in the chat, again perhaps; whether they may write has to be asked anew.
      void this.askWriting();
    }
  }

  private tell(entries: readonly ChatEntry[], open: boolean): void {
    if (entries.length > 3) {
      this.say(`${String(entries.length)} new chat messages.`);
      return;
    }
    for (const { name, text } of entries) {
      this.say(open ? `${name} wrote: ${beginning(text, said, said) ?? text}` : `New chat message from ${name}.`);
    }
  }

  private isOthers(entry: ChatEntry): boolean {
    return entry.kind === "message" && !entry.deleted && entry.sender !== this.ports.ownId;
  }

  private newest(): number {
    return this.store.get().entries.at(-1)?.id ?? 0;
  }

  private say(sentence: string): void {
    for (const listener of [...this.listeners]) {
      listener(sentence);
    }
  }
}

/** What a page is of: what is older than known, the newest page, or all from the time of the newest that was known. */
type Stretch = "earlier" | "whole" | "part";

/** What is known with a page more, and what leads to what is older. The page takes the place of what was known of its stretch. */
function merged(known: readonly ChatEntry[], before: string | undefined, page: ChatPage, what: Stretch): { all: readonly ChatEntry[]; older: string | undefined } {
  const fresh = [...page.entries].reverse();
  const [oldest, newest] = [fresh[0]?.id ?? 0, fresh.at(-1)?.id ?? 0];
  if (what === "part") {
    return { all: fresh.length === 0 ? known : [...known.filter(({ id }) => id < oldest), ...fresh], older: before };
  }
  if (what === "earlier") {
    return { all: [...fresh, ...known.filter(({ id }) => id > newest)], older: page.next };
  }
  const kept = known.filter(({ id }) => id < oldest);
  const meets = known.some(({ id }) => id >= oldest);
  // More came at once than a page holds: what is between is reached from the new page on.
  return page.next === undefined || kept.length === 0 || !meets ? { all: fresh, older: page.next } : { all: [...kept, ...fresh], older: before };
}

function same(one: ChatEntry, other: ChatEntry | undefined): boolean {
  return other !== undefined && one.id === other.id && one.text === other.text && one.name === other.name && one.edited === other.edited && one.deleted === other.deleted;
}
