/**
 * The member's meetings: loaded once, kept current by what this page itself changes.
 * Not here: the form (`schedule-form.ts`), how it looks (`MeetingsPage.tsx`).
 */
import type { MeetingDraft, MeetingsApi, OnlineMeeting } from "../api/meetings";
import { sentenceOf } from "../api/http";
import { Store, type Readable } from "../base/store";
import { dayLabel, startOfDay } from "./format";

export type MeetingsState = { kind: "loading" } | { kind: "failed"; sentence: string } | { kind: "ready"; meetings: OnlineMeeting[] };

export interface DayGroup {
  key: number;
  label: string;
  meetings: OnlineMeeting[];
}

export class MeetingsModel {
  private readonly store = new Store<MeetingsState>({ kind: "loading" });

  constructor(private readonly api: MeetingsApi) {}

  get state(): Readable<MeetingsState> {
    return this.store;
  }

  /** Loads the list; what is shown stays until the answer is there. */
  async load(): Promise<void> {
    try {
      this.store.set({ kind: "ready", meetings: await this.api.list() });
    } catch (error) {
      if (this.store.get().kind !== "ready") {
        this.store.set({ kind: "failed", sentence: sentenceOf(error) });
      }
    }
  }

  async retry(): Promise<void> {
    this.store.set({ kind: "loading" });
    await this.load();
  }

  /** One meeting: from the list, else from the server. */
  async find(id: string): Promise<OnlineMeeting> {
    const state = this.store.get();
    const known = state.kind === "ready" ? state.meetings.find((meeting) => meeting.id === id) : undefined;
    return known ?? this.api.get(id);
  }

  async schedule(draft: MeetingDraft): Promise<OnlineMeeting> {
    const meeting = await this.api.create(draft);
    this.keep(meeting);
    return meeting;
  }

  async change(before: OnlineMeeting, draft: MeetingDraft): Promise<OnlineMeeting> {
    const meeting = await this.api.update(before, draft);
    this.keep(meeting);
    return meeting;
  }

  async remove(id: string): Promise<void> {
    await this.api.remove(id);
    const state = this.store.get();
    if (state.kind === "ready") {
      this.store.set({ kind: "ready", meetings: state.meetings.filter((meeting) => meeting.id !== id) });
    }
  }

  private keep(meeting: OnlineMeeting): void {
    const state = this.store.get();
    if (state.kind === "ready") {
      this.store.set({ kind: "ready", meetings: [...state.meetings.filter(({ id }) => id !== meeting.id), meeting] });
    }
  }
}

/** What is still to come (or goes on), soonest first; what is over, latest first. */
export function split(meetings: OnlineMeeting[], now: Date): { upcoming: OnlineMeeting[]; past: OnlineMeeting[] } {
  const byStart = [...meetings].sort((a, b) => a.start.getTime() - b.start.getTime());
  return {
    upcoming: byStart.filter((meeting) => meeting.end >= now),
    past: byStart.filter((meeting) => meeting.end < now).reverse(),
  };
}

/** Neighbours of the same day under one heading; the order stays. */
export function byDay(meetings: OnlineMeeting[], now: Date): DayGroup[] {
  const groups: DayGroup[] = [];
  for (const meeting of meetings) {
    const key = startOfDay(meeting.start).getTime();
    const last = groups.at(-1);
    if (last?.key === key) {
      last.meetings.push(meeting);
    } else {
      groups.push({ key, label: dayLabel(meeting.start, now), meetings: [meeting] });
    }
  }
  return groups;
}
