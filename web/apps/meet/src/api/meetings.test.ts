import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "./http";
import { GraphMeetings, meetingOf, type MeetingDraft } from "./meetings";

interface Seen {
  path: string;
  method: string;
  headers: Record<string, string>;
  body: unknown;
}
let seen: Seen[] = [];
let answers: Response[] = [];

beforeEach(() => {
  seen = [];
  answers = [];
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    seen.push({
      path,
      method: init.method ?? "GET",
      headers: init.headers as Record<string, string>,
      body: typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : undefined,
    });
    const answer = answers.shift();
    return answer === undefined ? Promise.reject(new TypeError("Failed to fetch")) : Promise.resolve(answer);
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
const api = new GraphMeetings(() => Promise.resolve("token"));
const wire = { id: "MSo/=", subject: "Review", startDateTime: "2026-03-05T10:00:00Z", endDateTime: "2026-03-05T10:30:00.0000000Z", joinWebUrl: "u", lobbyBypassSettings: { scope: "everyone" }, allowAnonymousJoin: false };
const draft: MeetingDraft = { subject: "Review", start: new Date("2026-03-05T10:00:00Z"), end: new Date("2026-03-05T10:30:00Z"), lobbyScope: "", presenters: "", anonymousJoin: true };

describe("scheduling", () => {
  it("leaves to the organisation what nobody chose", async () => {
    answers = [json(wire, 201)];
    await api.create(draft);
    expect(seen[0]).toMatchObject({ path: "/v1.0/me/onlineMeetings", method: "POST", headers: { authorization: "Bearer token" } });
    expect(seen[0]?.body).toEqual({
      subject: "Review",
      startDateTime: "2026-03-05T10:00:00.000Z",
      endDateTime: "2026-03-05T10:30:00.000Z",
      allowAnonymousJoin: true,
      joinMeetingIdSettings: { isPasscodeRequired: true },
    });
  });

  it("sends the choices that were made", async () => {
    answers = [json(wire, 201)];
    await api.create({ ...draft, lobbyScope: "everyone", presenters: "organizer", anonymousJoin: false });
    expect(seen[0]?.body).toMatchObject({ lobbyBypassSettings: { scope: "everyone" }, allowedPresenters: "organizer", allowAnonymousJoin: false });
  });

  it("sends start and end together, and of the options only what changed", async () => {
    answers = [json(wire)];
    await api.update(meetingOf(wire), { ...draft, lobbyScope: "everyone", presenters: "everyone", anonymousJoin: true });
    expect(seen[0]?.path).toBe("/v1.0/me/onlineMeetings/MSo%2F%3D");
    expect(Object.keys(seen[0]?.body as object).sort()).toEqual(["allowAnonymousJoin", "endDateTime", "startDateTime", "subject"]);
  });
});

describe("listing", () => {
  it("follows pages, but never takes the token to another host", async () => {
    answers = [json({ value: [wire], "@odata.nextLink": "https://evil.example/v1.0/me/onlineMeetings?$skip=1" }), json({ value: [{ ...wire, id: "b" }] })];
    expect((await api.list()).map(({ id }) => id)).toEqual(["MSo/=", "b"]);
    expect(seen[1]?.path).toBe("/v1.0/me/onlineMeetings?$skip=1");
  });
});

describe("an answer", () => {
  it("is read with the assumptions of the server for what is missing", () => {
    expect(meetingOf({ id: "a", startDateTime: "2026-03-05T10:00:00Z" })).toMatchObject({ subject: "", lobbyScope: "organization", presenters: "everyone", anonymousJoin: true });
    expect(() => meetingOf({ subject: "no id" })).toThrow(ApiError);
  });

  it("of refusal becomes an error with the server's sentence", async () => {
    answers = [json({ error: { code: "Forbidden", message: "Scope OnlineMeetings.ReadWrite is missing." } }, 403)];
    await expect(api.list()).rejects.toMatchObject({ status: 403, code: "Forbidden", message: "Scope OnlineMeetings.ReadWrite is missing." });
  });

  it("without JSON, or none at all, becomes an error with a sentence of our own", async () => {
    answers = [new Response("<html>", { status: 502 })];
    await expect(api.list()).rejects.toMatchObject({ status: 502, message: "The server had a problem. Try again in a moment." });
    await expect(api.list()).rejects.toMatchObject({ status: 0, code: "unreachable" });
  });

  it("of a deletion may be empty", async () => {
    answers = [new Response(null, { status: 204 })];
    await expect(api.remove("a")).resolves.toBeUndefined();
  });
});
