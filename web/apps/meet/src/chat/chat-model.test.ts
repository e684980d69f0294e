import { describe, expect, it } from "vitest";
import { ApiError } from "../api/http";
import type { Permission } from "../call/view";
import { settle } from "../testing/fake-call";
import { ChatModel, closedMs, openMs, wholeEvery } from "./chat-model";
import type { ChatEntry, ChatPage, ChatPlace } from "./chat-server";

const own = "8:orgid:anna";
const maria = "8:acs:maria";

function message(id: number, sender = maria, more: Partial<ChatEntry> = {}): ChatEntry {
  return { id, kind: "message", sender, name: sender === own ? "Anna" : "Maria", text: `text ${String(id)}`, at: id, edited: false, deleted: false, ...more };
}

function asText(place: ChatPlace): string {
  return place === undefined ? "newest" : "from" in place ? place.from : `since ${String(place.since)}`;
}

function setUp(thread: string | undefined = "19:meeting_x@thread.v2") {
  let entries: ChatEntry[] = [];
  let next: string | undefined;
  const earlier = new Map<string, ChatPage>();
  const asked: string[] = [];
  const sent: string[] = [];
  const said: string[] = [];
  let failure: Error | undefined;
  let refusal: Error | undefined;
  let writing: Permission = { allowed: true };
  /** More came than a page holds. */
  let crowded = false;
  /** Answers no request for messages. */
  let hanging = false;
  let release: () => void = () => undefined;
  let timer: { ms: number; action: () => void } | undefined;
  const chat = new ChatModel({
    server: {
      page: (_, place) => {
        asked.push(asText(place));
        if (hanging) {
          return new Promise((resolve) => {
            release = () => {
              resolve({ entries: [...entries].reverse(), next: undefined });
            };
          });
        }
        const since = place !== undefined && "since" in place ? place.since : 0;
        const known = place !== undefined && "from" in place ? earlier.get(place.from) : { entries: entries.filter(({ at }) => at >= since).reverse(), next: since === 0 || crowded ? next : undefined };
        return failure !== undefined || known === undefined ? Promise.reject(failure ?? new Error("no such page")) : Promise.resolve(known);
      },
      send: (_, text) => {
        if (refusal !== undefined) return Promise.reject(refusal);
        sent.push(text);
        entries = [...entries, message(entries.length + 100, own, { text })];
        return Promise.resolve();
      },
      writing: () => Promise.resolve(writing),
    },
    threadId: () => thread,
    ownId: own,
    after: (ms, action) => {
      const planned = { ms, action };
      timer = planned;
      return () => {
        if (timer === planned) timer = undefined;
      };
    },
  });
  chat.onAnnounce((sentence) => said.push(sentence));
  const round = async (...newer: ChatEntry[]) => {
    entries = [...entries, ...newer];
    timer?.action();
    await settle();
  };
  return {
    chat,
    asked,
    sent,
    said,
    round,
    earlier,
    /** Answers the request that hangs. */
    release: () => {
      release();
    },
    view: () => chat.view.get(),
    ids: () => chat.view.get().entries.map(({ id }) => id),
    timer: () => timer?.ms,
    begin: async (...first: ChatEntry[]) => {
      entries = first;
      chat.start();
      await settle();
    },
    set: (change: { entries?: ChatEntry[]; next?: string; failure?: Error | undefined; refusal?: Error | undefined; writing?: Permission; crowded?: boolean; hanging?: boolean }) => {
      crowded = change.crowded ?? crowded;
      hanging = change.hanging ?? hanging;
      if (change.entries !== undefined) entries = change.entries;
      if ("next" in change) next = change.next;
      if ("failure" in change) failure = change.failure;
      if ("refusal" in change) refusal = change.refusal;
      if (change.writing !== undefined) writing = change.writing;
    },
  };
}

describe("what is new", () => {
  it("is what others wrote since one came in, until the pane is opened", async () => {
    const { begin, chat, round, said, view } = setUp();
    await begin(message(1));
    expect(view()).toMatchObject({ loading: false, unread: 0 });
    await round(message(2), message(3, own), message(4, maria, { deleted: true }), { ...message(5), kind: "joined" });
    expect(view().unread).toBe(1);
    expect(said).toEqual(["New chat message from Maria."]);
    chat.show();
    await settle();
    expect(view()).toMatchObject({ open: true, unread: 0 });
    await round(message(6));
    chat.hide();
    await round(message(7));
    expect(view().unread).toBe(1);
    expect(said.slice(1)).toEqual(["Maria wrote: text 6", "New chat message from Maria."]);
  });

  it("is counted, not read out, when it is much", async () => {
    const { begin, round, said } = setUp();
    await begin();
    await round(message(1), message(2), message(3), message(4));
    expect(said).toEqual(["4 new chat messages."]);
  });
});

describe("asking", () => {
  it("begins with the meeting, is oftener while the pane is open, and ends with the meeting", async () => {
    const { begin, chat, asked, timer, round } = setUp();
    expect(asked).toEqual([]);
    await begin();
    expect(timer()).toBe(closedMs);
    chat.show();
    await settle();
    expect(timer()).toBe(openMs);
    chat.hide();
    expect(timer()).toBe(closedMs);
    const before = asked.length;
    chat.end();
    expect(timer()).toBeUndefined();
    await round(message(1));
    chat.show();
    await settle();
    expect(asked.length).toBe(before);
  });

  it("goes on after a failure, which is told until it is over", async () => {
    const { begin, set, round, view } = setUp();
    await begin(message(1));
    set({ failure: new Error("The server cannot be reached.") });
    await round();
    expect(view()).toMatchObject({ problem: "The server cannot be reached.", entries: [{ id: 1 }] });
    set({ failure: undefined });
    await round(message(2));
    expect(view()).toMatchObject({ problem: "", entries: [{ id: 1 }, { id: 2 }] });
  });

  it("keeps the list as it is while nothing changed, and takes up edits", async () => {
    const { begin, chat, set, round, view } = setUp();
    await begin(message(1), message(2));
    const before = view().entries;
    await round();
    expect(view().entries).toBe(before);
    set({ entries: [message(1, maria, { text: "better", edited: true }), message(2)] });
    chat.show();
    await settle();
    expect(view().entries[0]).toMatchObject({ text: "better", edited: true });
  });

  it("shows earlier messages page by page and keeps them", async () => {
    const { begin, chat, set, earlier, round, ids, view } = setUp();
    set({ next: "b" });
    earlier.set("b", { entries: [message(4), message(3)], next: "a" });
    earlier.set("a", { entries: [message(2), message(1)], next: undefined });
    await begin(message(5), message(6));
    expect(view().earlier).toBe(true);
    await chat.showEarlier();
    expect(ids()).toEqual([3, 4, 5, 6]);
    await chat.showEarlier();
    expect(ids()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(view().earlier).toBe(false);
    await round(message(7));
    expect(ids()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it("asks for what is new only, and for the whole page when the pane opens and every so often, for what was edited", async () => {
    const { begin, chat, set, asked, round, ids, view } = setUp();
    await begin(message(1), message(2));
    await round(message(3));
    await round();
    expect(asked).toEqual(["newest", "since 2", "since 3"]);
    expect(ids()).toEqual([1, 2, 3]);
    chat.show();
    await settle();
    asked.length = 0;
    set({ entries: [message(1, maria, { deleted: true }), message(2), message(3, maria, { edited: true })] });
    await round();
    expect(view().entries).toMatchObject([{ deleted: false }, {}, { edited: true }]);
    for (let time = 1; time < wholeEvery; time += 1) {
      await round();
    }
    expect(asked).toEqual([...Array.from({ length: wholeEvery - 1 }, () => "since 3"), "newest"]);
    expect(view().entries).toMatchObject([{ deleted: true }, {}, { edited: true }]);
  });

  it("asks for the whole page also when the pane opens while a request is on its way, and after one that failed", async () => {
    const { begin, chat, set, asked, round, release } = setUp();
    await begin(message(1));
    asked.length = 0;
    set({ hanging: true });
    await round();
    chat.show();
    set({ hanging: false, failure: new Error("The server cannot be reached.") });
    release();
    await settle();
    set({ failure: undefined });
    await round();
    await round();
    expect(asked).toEqual(["since 1", "newest", "newest", "since 1"]);
  });

  it("keeps what was shown of earlier when something new comes, and the way to what is older still", async () => {
    const { begin, chat, set, earlier, round, ids, view } = setUp();
    set({ next: "b" });
    earlier.set("b", { entries: [message(2), message(1)], next: "a" });
    await begin(message(3), message(4));
    await chat.showEarlier();
    await round(message(5));
    expect(ids()).toEqual([1, 2, 3, 4, 5]);
    expect(view().earlier).toBe(true);
  });

  it("leaves no hole when more came at once than a page holds", async () => {
    const { begin, chat, set, earlier, round, ids } = setUp();
    await begin(message(1), message(2));
    set({ entries: [message(8), message(9)], next: "c", crowded: true });
    earlier.set("c", { entries: [message(7), message(6)], next: undefined });
    await round();
    expect(ids()).toEqual([8, 9]);
    await chat.showEarlier();
    expect(ids()).toEqual([6, 7, 8, 9]);
  });
});

describe("writing", () => {
  it("sends what was typed once and shows it", async () => {
    const { begin, chat, sent, view, said } = setUp();
    await begin();
    chat.show();
    const results = await Promise.all([chat.send("  Hello\nyou "), chat.send("again")]);
    expect(results).toEqual([true, false]);
    await settle();
    expect(sent).toEqual(["Hello\nyou"]);
    expect(view()).toMatchObject({ sending: false, entries: [{ text: "Hello\nyou" }] });
    expect(said).toEqual([]);
    expect(await chat.send(" \n ")).toBe(false);
  });

  it("is done when the server has the message, whether or not the messages can be read then", async () => {
    const { begin, chat, set, sent, view } = setUp();
    await begin();
    set({ hanging: true });
    expect(await chat.send("Hello")).toBe(true);
    expect(sent).toEqual(["Hello"]);
    expect(view()).toMatchObject({ sending: false, problem: "" });
  });

  it("keeps what was typed while the pane is closed", () => {
    const { chat } = setUp();
    chat.show();
    chat.keepDraft("half a sent");
    chat.hide();
    expect(chat.draft).toBe("half a sent");
  });

  it("tells why it failed until the next message, also while the rest goes on", async () => {
    const { begin, chat, set, view, round } = setUp();
    await begin();
    set({ refusal: new ApiError("Too many requests; wait 2 seconds", 429, "TooManyRequests") });
    expect(await chat.send("x")).toBe(false);
    await round(message(1));
    expect(view().problem).toBe("Too many requests; wait 2 seconds");
    set({ refusal: undefined });
    expect(await chat.send("x")).toBe(true);
    expect(view().problem).toBe("");
    expect(await chat.send("ä".repeat(14 * 1024 + 1))).toBe(false);
    expect(view().problem).toContain("too long");
  });

  it("is off with the reason where the chat is off, learnt when the pane opens or a message is refused", async () => {
    const off = { allowed: false, why: "An administrator has turned the chat of meetings off (policy MeetingChatEnabledType)." } as const;
    const { begin, chat, set, view, sent } = setUp();
    await begin();
    set({ refusal: new ApiError(off.why, 403, "Forbidden"), writing: off });
    expect(await chat.send("x")).toBe(false);
    expect(view().writing).toEqual(off);
    set({ refusal: undefined });
    expect(await chat.send("x")).toBe(false);
    expect(sent).toEqual([]);
    set({ writing: { allowed: true } });
    chat.show();
    await settle();
    expect(view().writing).toEqual({ allowed: true });
  });
});

it("reads out the beginning of what is long", async () => {
  const { begin, chat, round, said } = setUp();
  await begin();
  chat.show();
  await round(message(1, maria, { text: "x".repeat(28 * 1024) }));
  expect(said).toEqual([`Maria wrote: ${"x".repeat(300)}`]);
});

it("shows nothing of a chat that one is not in any more, and all of it when one is in it again", async () => {
  const { begin, set, round, view } = setUp();
  await begin(message(1));
  set({ failure: new ApiError("There is no thread with this id that you are a member of", 403, "Forbidden") });
  await round();
  expect(view()).toMatchObject({ entries: [], unread: 0, writing: { allowed: false, why: "The chat of this meeting is not open to you." } });
  set({ failure: undefined });
  await round();
  expect(view()).toMatchObject({ entries: [{ id: 1 }], writing: { allowed: true } });
});
