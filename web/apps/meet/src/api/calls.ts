import { ApiError, askJson, isRecord } from "./http";

/** Packets in one direction; `packets` counts what arrived (received) or left (sent). */
export interface Flow {
  packets: number;
  bytes: number;
  lost: number;
}

export type Carrier = "none" | "udp" | "tcp" | "relay";

/** A held call, all its sessions together. */
export interface CallSummary {
  id: string;
  kind: string;
  began: Date;
  /** When anything of it was known last. */
  updated: Date;
  /** Sessions of which no end is known. */
  running: number;
  sessions: number;
  people: number;
  /** Of the first few. */
  names: string[];
  received: Flow;
  sent: Flow;
  worstRoundTripMs: number | undefined;
  relayed: number;
  unconnected: number;
}

/** A stretch of a session; `atMs` is its end, since the session began. */
export interface Sample {
  atMs: number;
  spanMs: number;
  received: Flow;
  sent: Flow;
  roundTripMs: number | undefined;
  estimate: number | undefined;
  withheldMs: number;
  videoHeight: number;
  carrier: Carrier;
}

/** How one participant's session went. Seen from the server: `received` came from the participant. */
export interface SessionQuality {
  session: string;
  displayName: string;
  person: string;
  began: Date;
  updated: Date;
  ended: boolean;
  connections: number;
  carriers: Carrier[];
  received: Flow;
  sent: Flow;
  medianRoundTripMs: number | undefined;
  worstRoundTripMs: number | undefined;
  lowestEstimate: number | undefined;
  medianEstimate: number | undefined;
  repaired: number;
  dropped: number;
  withheldMs: number;
  largestVideo: { width: number; height: number } | undefined;
  samples: Sample[];
}

/** A part of a list; `next` gets the next one. */
export interface Part<T> {
  items: T[];
  next: string | undefined;
}

export interface CallsApi {
  calls(mark?: string): Promise<Part<CallSummary>>;
  call(id: string): Promise<CallSummary>;
  sessions(id: string, mark?: string): Promise<Part<SessionQuality>>;
}

const path = "/api/admin/calls";

/** The quality record, for administrators. */
export class ServerCalls implements CallsApi {
  constructor(private readonly token: () => Promise<string>) {}

  async calls(mark?: string): Promise<Part<CallSummary>> {
    return partOf(await this.ask(withMark(path, mark)), "calls", callOf);
  }

  async call(id: string): Promise<CallSummary> {
    return callOf(await this.ask(`${path}/${encodeURIComponent(id)}`));
  }

  async sessions(id: string, mark?: string): Promise<Part<SessionQuality>> {
    return partOf(await this.ask(withMark(`${path}/${encodeURIComponent(id)}/sessions`, mark)), "sessions", sessionOf);
  }

  private async ask(address: string): Promise<unknown> {
    return askJson(address, { token: await this.token() });
  }
}

function withMark(address: string, mark: string | undefined): string {
  return mark === undefined ? address : `${address}?mark=${encodeURIComponent(mark)}`;
}

function partOf<T>(body: unknown, name: string, read: (item: unknown) => T): Part<T> {
  const items = isRecord(body) ? body[name] : undefined;
  if (!isRecord(body) || !Array.isArray(items)) {
    throw strange();
  }
  const next = body["next"];
  return { items: items.map(read), next: typeof next === "string" ? next : undefined };
}

function callOf(from: unknown): CallSummary {
  const call = recordOf(from);
  return {
    id: text(call["id"]),
    kind: text(call["kind"]),
    began: time(call["began"]),
    updated: time(call["updated"]),
    running: number(call["running"]),
    sessions: number(call["sessions"]),
    people: number(call["people"]),
    names: list(call["names"]).map(text),
    received: flowOf(call["received"]),
    sent: flowOf(call["sent"]),
    worstRoundTripMs: perhaps(call["worstRoundTripMs"]),
    relayed: number(call["relayed"]),
    unconnected: number(call["unconnected"]),
  };
}

function sessionOf(from: unknown): SessionQuality {
  const session = recordOf(from);
  const video = session["largestVideo"];
  return {
    session: text(session["session"]),
    displayName: text(session["displayName"]),
    person: text(session["person"]),
    began: time(session["began"]),
    updated: time(session["updated"]),
    ended: session["ended"] === true,
    connections: number(session["connections"]),
    carriers: list(session["carriers"]).map(carrierOf),
    received: flowOf(session["received"]),
    sent: flowOf(session["sent"]),
    medianRoundTripMs: perhaps(session["medianRoundTripMs"]),
    worstRoundTripMs: perhaps(session["worstRoundTripMs"]),
    lowestEstimate: perhaps(session["lowestEstimate"]),
    medianEstimate: perhaps(session["medianEstimate"]),
    repaired: number(session["repaired"]),
    dropped: number(session["dropped"]),
    withheldMs: number(session["withheldMs"]),
    largestVideo: isRecord(video) ? { width: number(video["width"]), height: number(video["height"]) } : undefined,
    samples: list(session["samples"]).map(sampleOf),
  };
}

function sampleOf(from: unknown): Sample {
  const sample = recordOf(from);
  return {
    atMs: number(sample["atMs"]),
    spanMs: number(sample["spanMs"]),
    received: flowOf(sample["received"]),
    sent: flowOf(sample["sent"]),
    roundTripMs: perhaps(sample["roundTripMs"]),
    estimate: perhaps(sample["estimate"]),
    withheldMs: number(sample["withheldMs"]),
    videoHeight: number(sample["videoHeight"]),
    carrier: carrierOf(sample["carrier"]),
  };
}

function flowOf(from: unknown): Flow {
  const flow = recordOf(from);
  return { packets: number(flow["packets"]), bytes: number(flow["bytes"]), lost: number(flow["lost"]) };
}

function carrierOf(value: unknown): Carrier {
  return value === "udp" || value === "tcp" || value === "relay" ? value : "none";
}

function recordOf(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) {
    throw strange();
  }
  return value;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number {
  return perhaps(value) ?? 0;
}

function perhaps(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function time(value: unknown): Date {
  const moment = new Date(text(value));
  if (Number.isNaN(moment.getTime())) {
    throw strange();
  }
  return moment;
}

function strange(): ApiError {
  return new ApiError("The server's answer holds no calls.", 200, "notCalls");
}
