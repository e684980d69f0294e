/**
 * Online meetings over the Graph-shaped facade. Owns: the shapes as this app reads and writes them, and their translation.
 * Not here: who may do what (the server), how it looks (`meetings/`).
 */
import { ApiError, askJson, isRecord } from "./http";

export interface OnlineMeeting {
  id: string;
  subject: string;
  start: Date;
  end: Date;
  joinWebUrl: string;
  meetingId: string;
  passcode: string;
  lobbyScope: string;
  presenters: string;
  anonymousJoin: boolean;
}

/** What a person decides when scheduling. An empty lobby scope or presenters: as the organisation has it. */
export interface MeetingDraft {
  subject: string;
  start: Date;
  end: Date;
  lobbyScope: string;
  presenters: string;
  anonymousJoin: boolean;
}

export interface MeetingsApi {
  list(): Promise<OnlineMeeting[]>;
  get(id: string): Promise<OnlineMeeting>;
  create(draft: MeetingDraft): Promise<OnlineMeeting>;
  /** Sends what differs from `before`, so that an option nobody touched keeps following the organisation's default. */
  update(before: OnlineMeeting, draft: MeetingDraft): Promise<OnlineMeeting>;
  remove(id: string): Promise<void>;
}

const base = "/v1.0/me/onlineMeetings";
/** Without it the server names two of the lobby scopes `unknownFutureValue`. */
const headers = { prefer: "include-unknown-enum-members" };
const pageLimit = 20;

export class GraphMeetings implements MeetingsApi {
  constructor(private readonly token: () => Promise<string>) {}

  async list(): Promise<OnlineMeeting[]> {
    const found: OnlineMeeting[] = [];
    let path: string | undefined = base;
    for (let page = 0; path !== undefined && page < pageLimit; page += 1) {
      const body: unknown = await askJson(path, { token: await this.token(), headers });
      const value = isRecord(body) && Array.isArray(body["value"]) ? (body["value"] as unknown[]) : [];
      found.push(...value.map(meetingOf));
      path = nextPath(body);
    }
    return found;
  }

  async get(id: string): Promise<OnlineMeeting> {
    return meetingOf(await askJson(`${base}/${encodeURIComponent(id)}`, { token: await this.token(), headers }));
  }

  async create(draft: MeetingDraft): Promise<OnlineMeeting> {
    const body = { ...bodyOf(draft), joinMeetingIdSettings: { isPasscodeRequired: true } };
    return meetingOf(await askJson(base, { method: "POST", body, token: await this.token(), headers }));
  }

  async update(before: OnlineMeeting, draft: MeetingDraft): Promise<OnlineMeeting> {
    const path = `${base}/${encodeURIComponent(before.id)}`;
    return meetingOf(await askJson(path, { method: "PATCH", body: bodyOf(draft, before), token: await this.token(), headers }));
  }

  async remove(id: string): Promise<void> {
    await askJson(`${base}/${encodeURIComponent(id)}`, { method: "DELETE", token: await this.token() });
  }
}

/** An empty choice is the organisation's default and is not sent. Start and end travel together, always. */
function bodyOf(draft: MeetingDraft, before?: OnlineMeeting): Record<string, unknown> {
  return {
    subject: draft.subject,
    startDateTime: draft.start.toISOString(),
    endDateTime: draft.end.toISOString(),
    ...(draft.lobbyScope === "" || draft.lobbyScope === before?.lobbyScope ? {} : { lobbyBypassSettings: { scope: draft.lobbyScope } }),
    ...(draft.presenters === "" || draft.presenters === before?.presenters ? {} : { allowedPresenters: draft.presenters }),
    ...(draft.anonymousJoin === before?.anonymousJoin ? {} : { allowAnonymousJoin: draft.anonymousJoin }),
  };
}

/** Reads one meeting; what is missing gets the value that the server would assume. */
export function meetingOf(body: unknown): OnlineMeeting {
  if (!isRecord(body) || typeof body["id"] !== "string") {
    throw new ApiError("The server's answer is not a meeting.", 200, "notMeeting");
  }
  const ids = isRecord(body["joinMeetingIdSettings"]) ? body["joinMeetingIdSettings"] : {};
  const lobby = isRecord(body["lobbyBypassSettings"]) ? body["lobbyBypassSettings"] : {};
  const start = dateOf(body["startDateTime"]) ?? dateOf(body["creationDateTime"]) ?? new Date(0);
  return {
    id: body["id"],
    subject: text(body["subject"]),
    start,
    end: dateOf(body["endDateTime"]) ?? new Date(start.getTime() + 3_600_000),
    joinWebUrl: text(body["joinWebUrl"]),
    meetingId: text(ids["joinMeetingId"]),
    passcode: text(ids["passcode"]),
    lobbyScope: text(lobby["scope"]) || "organization",
    presenters: text(body["allowedPresenters"]) || "everyone",
    anonymousJoin: body["allowAnonymousJoin"] !== false,
  };
}

function nextPath(body: unknown): string | undefined {
  const next = isRecord(body) ? body["@odata.nextLink"] : undefined;
  if (typeof next !== "string") {
    return undefined;
  }
  try {
    // Only the path is followed: the token must not travel to another host than the page's own.
    const url = new URL(next);
    return `${url.pathname}${url.search}`;
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function dateOf(value: unknown): Date | undefined {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time);
}
