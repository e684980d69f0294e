import type { CallsApi, CallSummary, SessionQuality } from "../api/calls";
import { ApiError, sentenceOf } from "../api/http";
import { Store, type Readable } from "../base/store";
import { SignedOutError } from "../session/session";

/** Why nothing is shown. */
export type Unshown = { kind: "loading" } | { kind: "refused" } | { kind: "unknown" } | { kind: "failed"; sentence: string };

/** A list that grows on demand. */
export interface More {
  next: string | undefined;
  busy: boolean;
  problem: string;
}

export type CallsState = Unshown | ({ kind: "ready"; calls: CallSummary[] } & More);
export type CallState = Unshown | ({ kind: "ready"; call: CallSummary; sessions: SessionQuality[] } & More);

/** The calls of late. */
export class CallsModel {
  private readonly store = new Store<CallsState>({ kind: "loading" });

  constructor(private readonly api: CallsApi) {}

  get state(): Readable<CallsState> {
    return this.store;
  }

  async load(): Promise<void> {
    try {
      const { items, next } = await this.api.calls();
      this.store.set({ kind: "ready", calls: items, next, busy: false, problem: "" });
    } catch (error) {
      this.store.set(unshown(error));
    }
  }

  async more(): Promise<void> {
    const before = this.store.get();
    if (before.kind !== "ready" || before.next === undefined || before.busy) {
      return;
    }
    this.store.set({ ...before, busy: true, problem: "" });
    try {
      const { items, next } = await this.api.calls(before.next);
      this.store.set({ ...before, calls: joined(before.calls, items, (call) => call.id), next, busy: false, problem: "" });
    } catch (error) {
      this.store.set({ ...before, busy: false, problem: sentenceOf(error) });
    }
  }
}

/** One call and its sessions. */
export class CallModel {
  private readonly store = new Store<CallState>({ kind: "loading" });

  constructor(
    private readonly api: CallsApi,
    readonly id: string,
  ) {}

  get state(): Readable<CallState> {
    return this.store;
  }

  async load(): Promise<void> {
    try {
      const [call, { items, next }] = await Promise.all([this.api.call(this.id), this.api.sessions(this.id)]);
      this.store.set({ kind: "ready", call, sessions: items, next, busy: false, problem: "" });
    } catch (error) {
      this.store.set(unshown(error));
    }
  }

  async more(): Promise<void> {
    const before = this.store.get();
    if (before.kind !== "ready" || before.next === undefined || before.busy) {
      return;
    }
    this.store.set({ ...before, busy: true, problem: "" });
    try {
      const { items, next } = await this.api.sessions(this.id, before.next);
      this.store.set({ ...before, sessions: joined(before.sessions, items, (session) => session.session), next, busy: false, problem: "" });
    } catch (error) {
      this.store.set({ ...before, busy: false, problem: sentenceOf(error) });
    }
  }
}

/** A list that changed meanwhile may give something twice. */
function joined<T>(before: T[], items: T[], key: (item: T) => string): T[] {
  const known = new Set(before.map(key));
  return [...before, ...items.filter((item) => !known.has(key(item)))];
}

function unshown(error: unknown): Unshown {
  if (error instanceof SignedOutError || (error instanceof ApiError && (error.status === 401 || error.status === 403))) {
    return { kind: "refused" };
  }
  if (error instanceof ApiError && error.status === 404) {
    return { kind: "unknown" };
  }
  return { kind: "failed", sentence: sentenceOf(error) };
}
