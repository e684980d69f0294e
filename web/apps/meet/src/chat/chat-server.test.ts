import { afterEach, describe, expect, it, vi } from "vitest";
import { Clock } from "../testing/clock";
import { ChatModel, closedMs } from "./chat-model";
import { HttpChat, pageOf } from "./chat-server";
import { MemberChatToken } from "./chat-token";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Answers every request with the next of these. */
function answers(...bodies: { status?: number; body: unknown }[]) {
  const requests: { path: string; init: RequestInit }[] = [];
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    requests.push({ path, init });
    const { status = 200, body } = bodies.shift() ?? { status: 500, body: {} };
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
  return requests;
}

const person = (displayName?: string) => ({ communicationIdentifier: { rawId: "8:acs:x" }, ...(displayName === undefined ? {} : { displayName }) });

describe("a page of messages", () => {
  it("is read with names, times and lines of the system, and what is not known is left out", () => {
    const { entries, next } = pageOf({
      value: [
        { id: "1700000003000", type: "text", createdOn: "2023-11-14T22:13:23Z", content: { message: "<b>plain</b>" }, senderDisplayName: "Maria", senderCommunicationIdentifier: { rawId: "8:acs:x" }, editedOn: "2023-11-14T22:13:24Z" },
        { id: "1700000002000", type: "html", createdOn: "2023-11-14T22:13:22Z", content: { message: "<p>rich &amp; <img src=x onerror=alert(1)>safe</p>" }, senderCommunicationIdentifier: { rawId: "8:acs:y" } },
        { id: "1700000001500", type: "text", createdOn: "2023-11-14T22:13:21Z", deletedOn: "2023-11-14T22:13:25Z" },
        { id: "1700000001000", type: "participantAdded", content: { participants: [person("Maria"), person()] } },
        { id: "1700000000500", type: "participantRemoved", content: { participants: ["a", "b", "c", "d"].map(person) } },
        { id: "1700000000000", type: "topicUpdated", content: { topic: "Visit" } },
        { id: "1", type: "poll" },
        { id: "x", type: "text" },
      ],
      nextLink: "https://other.example/chat/threads/t/messages?maxPageSize=50&syncState=MTcw",
    });
    expect(next).toBe("MTcw");
    expect(entries).toMatchObject([
      { id: 1_700_000_003_000, kind: "message", sender: "8:acs:x", name: "Maria", text: "<b>plain</b>", at: 1_700_000_003_000, edited: true, deleted: false },
      { kind: "message", name: "Somebody without a name", text: "rich & safe" },
      { kind: "message", deleted: true, text: "" },
      { kind: "joined", name: "Maria, Somebody" },
      { kind: "left", name: "4 people" },
      { kind: "topic", text: "Visit" },
    ]);
    expect(entries).toHaveLength(6);
  });

  it("that is none is refused", () => {
    expect(() => pageOf({})).toThrow("holds no messages");
  });
});

it("asks under the own origin only, with the token of the person", async () => {
  const requests = answers({ body: { value: [] } }, { body: { value: [] } }, { body: { value: [] } }, { status: 201, body: { id: "1" } }, { body: { allowed: false, why: "the organizer has turned the chat of this meeting off" } });
  const chat = new HttpChat(() => Promise.resolve("t"), "Anna Berg");
  await chat.page("19:a/b@thread.v2", undefined);
  await chat.page("19:a/b@thread.v2", { from: "MTcw" });
  await chat.page("19:a/b@thread.v2", { since: 1_700_000_003_000 });
  await chat.send("19:a/b@thread.v2", "Hello");
  expect(await chat.writing("19:a/b@thread.v2")).toEqual({ allowed: false, why: "The organizer has turned the chat of this meeting off." });
  const thread = "19%3Aa%2Fb%40thread.v2";
  expect(requests.map(({ path }) => path)).toEqual([
    `/chat/threads/${thread}/messages?maxPageSize=50`,
    `/chat/threads/${thread}/messages?maxPageSize=50&syncState=MTcw`,
    `/chat/threads/${thread}/messages?maxPageSize=50&startTime=2023-11-14T22%3A13%3A23.000Z`,
    `/chat/threads/${thread}/messages`,
    `/api/chat/writing/${thread}`,
  ]);
  expect(JSON.parse(String(requests[3]?.init.body))).toEqual({ content: "Hello", type: "text", senderDisplayName: "Anna Berg" });
  for (const { init } of requests) {
    expect(init.headers).toMatchObject({ authorization: "Bearer t" });
  }
});

describe("a request that hangs", () => {
  /** Answers nothing, or the head of an answer whose body never ends. */
  const hang = (part: "head" | "body") => {
    const signals: (AbortSignal | null | undefined)[] = [];
    vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
      signals.push(init.signal);
      return part === "head" ? new Promise(() => undefined) : Promise.resolve(new Response(new ReadableStream()));
    });
    return signals;
  };

  it("ends after a while, in the body of the answer too, and before the request when there is no token", async () => {
    for (const part of ["head", "body"] as const) {
      const signals = hang(part);
      const chat = new HttpChat(() => Promise.resolve("t"), "Anna", 20);
      await expect(chat.page("t", undefined)).rejects.toThrow("does not answer");
      await expect(chat.send("t", "x")).rejects.toThrow("does not answer");
      expect(signals.map((signal) => signal?.aborted)).toEqual([true, true]);
    }
    await expect(new HttpChat(() => new Promise(() => undefined), "Anna", 20).page("t", undefined)).rejects.toThrow("does not answer");
  });

  it("does not stop the asking", async () => {
    hang("head");
    const clock = new Clock();
    const chat = new ChatModel({ server: new HttpChat(() => Promise.resolve("t"), "Anna", 20), threadId: () => "t", ownId: "a", after: clock.after });
    chat.start();
    await vi.waitFor(() => {
      expect(chat.view.get().problem).toContain("does not answer");
    });
    answers({ body: { value: [{ id: "1", type: "text", content: { message: "x" } }] } });
    clock.pass(closedMs);
    await vi.waitFor(() => {
      expect(chat.view.get()).toMatchObject({ problem: "", entries: [{ id: 1 }] });
    });
    chat.end();
  });
});

describe("a member's token for chats", () => {
  const issued = (token: string, expires: number) => ({ body: { token, expiresOn: new Date(expires).toISOString() } });

  it("is exchanged once for all who ask, and again before it ends", async () => {
    const requests = answers(issued("a", 3_600_000), issued("b", 7_200_000));
    let now = 0;
    const chat = new MemberChatToken(() => Promise.resolve("access"), () => now);
    expect(await Promise.all([chat.token(), chat.token()])).toEqual(["a", "a"]);
    expect(requests).toHaveLength(1);
    expect(requests[0]?.init.headers).toMatchObject({ authorization: "Bearer access" });
    now = 3_540_000;
    expect(await chat.token()).toBe("b");
  });

  it("is asked for again after an exchange that hung", async () => {
    vi.stubGlobal("fetch", () => new Promise(() => undefined));
    const chat = new MemberChatToken(() => Promise.resolve("access"), () => 0, 20);
    await expect(chat.token()).rejects.toThrow("does not answer");
    answers(issued("a", 3_600_000));
    expect(await chat.token()).toBe("a");
  });

  it("asks for a new sign-in when the old one did not cover chats, and tries again after a failure", async () => {
    answers({ status: 403, body: { error: { code: "forbidden", message: "the token lacks a scope" } } }, issued("a", 3_600_000));
    const chat = new MemberChatToken(() => Promise.resolve("access"), () => 0);
    await expect(chat.token()).rejects.toThrow("Sign out and in again");
    expect(await chat.token()).toBe("a");
  });
});
