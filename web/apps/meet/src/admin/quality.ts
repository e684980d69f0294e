/** How the quality of a call is judged and put into words. Pure. */
import type { CallSummary, Carrier, Flow, SessionQuality } from "../api/calls";

export type Verdict = "good" | "fair" | "poor" | "none";

/** Loss that people hear and see: from one in a hundred sound is patched up here and there, from one in twenty words are missed. */
const FAIR_LOSS = 0.01;
const POOR_LOSS = 0.05;
/** People begin to talk into each other at about a third of a second, and cannot converse at a second. */
const FAIR_ROUND_TRIP_MS = 350;
const POOR_ROUND_TRIP_MS = 1000;
/** A part of the time for which a wanted video was withheld. */
const FAIR_WITHHELD = 0.02;
const POOR_WITHHELD = 0.2;

/** A session that was not heard of for so long does not run any more: its server died. */
const SILENT_MS = 180_000;

export function lossReceived(flow: Flow): number {
  return flow.packets + flow.lost > 0 ? Math.min(1, flow.lost / (flow.packets + flow.lost)) : 0;
}

export function lossSent(flow: Flow): number {
  return flow.packets > 0 ? Math.min(1, flow.lost / flow.packets) : 0;
}

export function verdictOfSession(session: SessionQuality): Verdict {
  if (session.carriers.length === 0) {
    return "poor";
  }
  if (session.received.packets + session.sent.packets === 0) {
    return "none";
  }
  const length = Math.max(1, session.updated.getTime() - session.began.getTime());
  return worst([
    grade(lossReceived(session.received), FAIR_LOSS, POOR_LOSS),
    grade(lossSent(session.sent), FAIR_LOSS, POOR_LOSS),
    grade(session.medianRoundTripMs ?? 0, FAIR_ROUND_TRIP_MS, POOR_ROUND_TRIP_MS),
    grade(session.withheldMs / length, FAIR_WITHHELD, POOR_WITHHELD),
  ]);
}

export function verdictOfCall(call: CallSummary): Verdict {
  if (call.unconnected > 0) {
    return "poor";
  }
  if (call.received.packets + call.sent.packets === 0) {
    return "none";
  }
  return worst([
    grade(lossReceived(call.received), FAIR_LOSS, POOR_LOSS),
    grade(lossSent(call.sent), FAIR_LOSS, POOR_LOSS),
    // The worst moment of the worst session: it alone makes no call a poor one.
    (call.worstRoundTripMs ?? 0) >= POOR_ROUND_TRIP_MS ? "fair" : "good",
  ]);
}

function grade(value: number, fair: number, poor: number): Verdict {
  return value >= poor ? "poor" : value >= fair ? "fair" : "good";
}

function worst(verdicts: Verdict[]): Verdict {
  return verdicts.includes("poor") ? "poor" : verdicts.includes("fair") ? "fair" : "good";
}

/** Whether a session, or a call with sessions, runs now. */
export function isRunning(session: { ended: boolean; updated: Date }, now: Date): boolean {
  return !session.ended && now.getTime() - session.updated.getTime() < SILENT_MS;
}

export function callRuns(call: CallSummary, now: Date): boolean {
  return isRunning({ ended: call.running === 0, updated: call.updated }, now);
}

export function verdictLabel(verdict: Verdict): string {
  return { good: "Good", fair: "Fair", poor: "Poor", none: "No media" }[verdict];
}

export function kindLabel(kind: string): string {
  const labels: Record<string, string> = { meeting: "Meeting", breakout: "Breakout room", room: "Room", group: "Group call", direct: "Call" };
  return labels[kind] ?? "Call";
}

export function personLabel(person: string): string {
  const labels: Record<string, string> = { member: "Member", guest: "Guest", visitor: "Visitor", phone: "Telephone", application: "Application" };
  return labels[person] ?? "Participant";
}

export function carriersLabel(carriers: Carrier[]): string {
  const labels: Record<Carrier, string> = { none: "Not connected", udp: "UDP", tcp: "TCP", relay: "Relay" };
  return carriers.length === 0 ? labels.none : carriers.map((carrier) => labels[carrier]).join(", then ");
}

/** The people of a call: all by name when they are few. */
export function peopleLabel(names: string[], people: number): string {
  const shown = names.map((name) => (name === "" ? "Somebody" : name));
  const others = people - shown.length;
  if (others > 0) {
    return `${shown.join(", ")} and ${String(others)} ${others === 1 ? "other" : "others"}`;
  }
  const last = shown.at(-1) ?? "Nobody";
  return shown.length > 1 ? `${shown.slice(0, -1).join(", ")} and ${last}` : last;
}

export function durationLabel(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) {
    return `${String(seconds)} s`;
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${String(minutes)} min` : `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}

export function percentLabel(share: number): string {
  const percent = share * 100;
  return percent === 0 ? "0 %" : percent < 0.1 ? "under 0.1 %" : `${percent < 10 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

export function bitsLabel(bitsPerSecond: number): string {
  if (bitsPerSecond >= 1e6) {
    return `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`;
  }
  return `${String(Math.round(bitsPerSecond / 1e3))} kbit/s`;
}

export function millisecondsLabel(ms: number | undefined): string {
  return ms === undefined ? "not known" : ms < 10 ? `${ms.toFixed(1)} ms` : `${String(Math.round(ms))} ms`;
}

/** Average bits a second over a stretch of time. */
export function rateOf(flow: Flow, ms: number): number {
  return ms > 0 ? (flow.bytes * 8000) / ms : 0;
}
