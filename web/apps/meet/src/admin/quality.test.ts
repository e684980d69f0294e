import { describe, expect, it } from "vitest";
import type { CallSummary, SessionQuality } from "../api/calls";
import { bitsLabel, callRuns, carriersLabel, durationLabel, isRunning, peopleLabel, percentLabel, verdictOfCall, verdictOfSession } from "./quality";

const began = new Date("2026-11-23T09:00:00Z");
const updated = new Date("2026-11-23T09:10:00Z");
const flow = (packets: number, lost = 0) => ({ packets, bytes: packets * 100, lost });

const session = (change: Partial<SessionQuality> = {}): SessionQuality => ({
  session: "s",
  displayName: "Maria",
  person: "guest",
  began,
  updated,
  ended: true,
  connections: 1,
  carriers: ["udp"],
  received: flow(10_000),
  sent: flow(10_000),
  medianRoundTripMs: 40,
  worstRoundTripMs: 90,
  lowestEstimate: undefined,
  medianEstimate: undefined,
  repaired: 0,
  dropped: 0,
  withheldMs: 0,
  largestVideo: undefined,
  samples: [],
  ...change,
});

const call = (change: Partial<CallSummary> = {}): CallSummary => ({
  id: "c",
  kind: "meeting",
  began,
  updated,
  running: 0,
  sessions: 2,
  people: 2,
  names: ["Anna", "Maria"],
  received: flow(10_000),
  sent: flow(10_000),
  worstRoundTripMs: 90,
  relayed: 0,
  unconnected: 0,
  ...change,
});

describe("the verdict on a session", () => {
  it("is that of its worst side", () => {
    expect(verdictOfSession(session())).toBe("good");
    expect(verdictOfSession(session({ sent: flow(10_000, 100) }))).toBe("fair");
    expect(verdictOfSession(session({ received: flow(9_000, 1_000) }))).toBe("poor");
    expect(verdictOfSession(session({ medianRoundTripMs: 400 }))).toBe("fair");
    expect(verdictOfSession(session({ medianRoundTripMs: 1_000 }))).toBe("poor");
    expect(verdictOfSession(session({ withheldMs: 30_000 }))).toBe("fair");
    expect(verdictOfSession(session({ withheldMs: 300_000 }))).toBe("poor");
  });

  it("tells who never connected from who sent nothing", () => {
    expect(verdictOfSession(session({ carriers: [], received: flow(0), sent: flow(0) }))).toBe("poor");
    expect(verdictOfSession(session({ received: flow(0), sent: flow(0) }))).toBe("none");
  });
});

describe("the verdict on a call", () => {
  it("is poor when somebody never connected, and one bad moment makes it fair at most", () => {
    expect(verdictOfCall(call())).toBe("good");
    expect(verdictOfCall(call({ unconnected: 1 }))).toBe("poor");
    expect(verdictOfCall(call({ worstRoundTripMs: 5_000 }))).toBe("fair");
    expect(verdictOfCall(call({ sent: flow(1_000, 100) }))).toBe("poor");
    expect(verdictOfCall(call({ received: flow(0), sent: flow(0) }))).toBe("none");
  });
});

it("takes a session that was not heard of for minutes as over", () => {
  const at = (minutes: number) => new Date(updated.getTime() + minutes * 60_000);
  expect(isRunning(session({ ended: false }), at(1))).toBe(true);
  expect(isRunning(session({ ended: false }), at(4))).toBe(false);
  expect(isRunning(session(), at(1))).toBe(false);
  expect(callRuns(call({ running: 1 }), at(1))).toBe(true);
  expect(callRuns(call(), at(1))).toBe(false);
});

describe("words", () => {
  it("name people, the rest by number", () => {
    expect(peopleLabel([], 0)).toBe("Nobody");
    expect(peopleLabel(["Anna"], 1)).toBe("Anna");
    expect(peopleLabel(["Anna", ""], 2)).toBe("Anna and Somebody");
    expect(peopleLabel(["Anna", "Ben", "Maria"], 3)).toBe("Anna, Ben and Maria");
    expect(peopleLabel(["Anna", "Ben", "Maria", "Eve"], 5)).toBe("Anna, Ben, Maria, Eve and 1 other");
    expect(peopleLabel(["Anna"], 40)).toBe("Anna and 39 others");
  });

  it("are short for times, shares and rates", () => {
    expect([0, 59_400, 60_000, 3_600_000, 5_400_000].map(durationLabel)).toEqual(["0 s", "59 s", "1 min", "1 h 0 min", "1 h 30 min"]);
    expect([0, 0.0004, 0.0123, 0.123, 1].map(percentLabel)).toEqual(["0 %", "under 0.1 %", "1.2 %", "12 %", "100 %"]);
    expect([0, 640_000, 2_340_000].map(bitsLabel)).toEqual(["0 kbit/s", "640 kbit/s", "2.3 Mbit/s"]);
    expect(carriersLabel(["udp", "relay"])).toBe("UDP, then Relay");
    expect(carriersLabel([])).toBe("Not connected");
  });
});
