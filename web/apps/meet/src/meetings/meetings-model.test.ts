import { describe, expect, it } from "vitest";
import type { MeetingDraft, MeetingsApi, OnlineMeeting } from "../api/meetings";
import { labelOf, lobbyChoices, withCurrent } from "./choices";
import { elapsedLabel, groupedDigits } from "./format";
import { byDay, MeetingsModel, split } from "./meetings-model";

const at = (day: number, hour: number) => new Date(2026, 2, day, hour);
const meeting = (id: string, start: Date, hours = 1): OnlineMeeting => ({
  id,
  subject: id,
  start,
  end: new Date(start.getTime() + hours * 3_600_000),
  joinWebUrl: "",
  meetingId: "",
  passcode: "",
  lobbyScope: "organization",
  presenters: "everyone",
  anonymousJoin: true,
});

class FakeApi implements MeetingsApi {
  failure: Error | undefined;
  constructor(public kept: OnlineMeeting[]) {}
  list = () => (this.failure === undefined ? Promise.resolve(this.kept) : Promise.reject(this.failure));
  get = (id: string) => Promise.resolve(meeting(id, at(1, 1)));
  create = (draft: MeetingDraft) => Promise.resolve({ ...meeting("new", draft.start), subject: draft.subject });
  update = (before: OnlineMeeting, draft: MeetingDraft) => Promise.resolve({ ...before, ...draft });
  remove = () => (this.failure === undefined ? Promise.resolve() : Promise.reject(this.failure));
}

describe("the list", () => {
  it("holds what is to come or goes on, soonest first, and what is over, latest first", () => {
    const all = [meeting("c", at(6, 9)), meeting("a", at(4, 9)), meeting("now", at(5, 11), 2), meeting("b", at(5, 8))];
    const { upcoming, past } = split(all, at(5, 12));
    expect(upcoming.map(({ id }) => id)).toEqual(["now", "c"]);
    expect(past.map(({ id }) => id)).toEqual(["b", "a"]);
  });

  it("has a heading for each day", () => {
    const groups = byDay([meeting("a", at(5, 9)), meeting("b", at(5, 10)), meeting("c", at(6, 9))], at(5, 8));
    expect(groups.map(({ meetings }) => meetings.length)).toEqual([2, 1]);
    expect(groups[0]?.label).toMatch(/^Today, /);
    expect(groups[1]?.label).toMatch(/^Tomorrow, /);
  });

  it("follows what is scheduled, changed and deleted here", async () => {
    const model = new MeetingsModel(new FakeApi([meeting("a", at(5, 9))]));
    await model.load();
    const draft: MeetingDraft = { subject: "New", start: at(7, 9), end: at(7, 10), lobbyScope: "", presenters: "", anonymousJoin: true };
    await model.schedule(draft);
    const known = await model.find("a");
    await model.change(known, { ...draft, subject: "Changed" });
    expect((await model.find("a")).subject).toBe("Changed");
    await model.remove("new");
    const state = model.state.get();
    expect(state.kind === "ready" && state.meetings.map(({ id }) => id)).toEqual(["a"]);
  });

  it("says why it could not be loaded, and keeps what is shown when a later load fails", async () => {
    const api = new FakeApi([]);
    const model = new MeetingsModel(api);
    api.failure = new Error("The server cannot be reached.");
    await model.load();
    expect(model.state.get()).toEqual({ kind: "failed", sentence: "The server cannot be reached." });
    api.failure = undefined;
    await model.retry();
    api.failure = new Error("x");
    await model.load();
    expect(model.state.get().kind).toBe("ready");
  });

  it("keeps a meeting in the list whose deletion was refused", async () => {
    const api = new FakeApi([meeting("a", at(5, 9))]);
    const model = new MeetingsModel(api);
    await model.load();
    api.failure = new Error("no");
    await expect(model.remove("a")).rejects.toThrow("no");
    expect((await model.find("a")).subject).toBe("a");
  });
});

it("offers an unusual scope only to the meeting that has it", () => {
  const choices = lobbyChoices("Riverside Clinic");
  expect(withCurrent(choices, "everyone")).toHaveLength(choices.length);
  expect(labelOf(choices, "invited")).toBe("People I invited");
  expect(labelOf(choices, "somethingNew")).toBe("somethingNew");
});

it("writes digits in groups and time as a clock does", () => {
  expect(groupedDigits("2846917351")).toBe("284 691 735 1");
  expect(elapsedLabel(0, 65_000)).toBe("1:05");
  expect(elapsedLabel(0, 3_725_000)).toBe("1:02:05");
});
