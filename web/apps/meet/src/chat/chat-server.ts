/**
 * The chat API of the own server, as far as the meeting page uses it: a page of messages, sending, and whether one may write.
 *
 * Why these three requests and not the published chat client: that client refuses to send its token to a plain-http origin, which a trial on one
 * machine has; its real-time events need HTTPS too; and it would be by far the largest part of the page. So the page asks every few seconds
 * (`chat-model.ts`), on any origin. Members get a token for chats with the token of their sign-in (`POST /api/chat/token`), so that there is one
 * access token, one refresh token and one lock; a visitor's own token opens the chat already.
 */
import { ApiError, askJson, isRecord, within, type Call } from "../api/http";
import type { Permission } from "../call/view";
import { plainText, PlainTexts } from "./plain-text";

/** Something in the thread, as plain text. */
export interface ChatEntry {
  /** Grows with time. */
  id: number;
  kind: "message" | "joined" | "left" | "topic";
  /** Raw id of whoever wrote; empty for what the system says. */
  sender: string;
  name: string;
  text: string;
  /** Milliseconds since the epoch. */
  at: number;
  edited: boolean;
  deleted: boolean;
}

export type ChatPlace = { from: string } | { since: number } | undefined;

export interface ChatPage {
  /** Newest first. */
  entries: readonly ChatEntry[];
  /** Leads to what is older; nothing at the beginning of the thread. */
  next: string | undefined;
}

/** Every one of these ends, in time or as a failure: whoever asks again and again waits for the one before. */
export interface ChatServer {
  /** The newest, what a link leads to, or what came at this time or later. */
  page(threadId: string, place: ChatPlace): Promise<ChatPage>;
  send(threadId: string, text: string): Promise<void>;
  writing(threadId: string): Promise<Permission>;
}

const pageSize = 50;
/** For one request, the token and the body of the answer included. */
const longestMs = 15_000;

export class HttpChat implements ChatServer {
  private readonly texts = new PlainTexts();

  constructor(
    private readonly token: () => Promise<string>,
    /** Under which the person writes where the meeting knows no name of them. */
    private readonly name: string,
    private readonly requestMs = longestMs,
  ) {}

  async page(threadId: string, place: ChatPlace): Promise<ChatPage> {
    const query = new URLSearchParams({ maxPageSize: String(pageSize), ...(place === undefined ? {} : "from" in place ? { syncState: place.from } : { startTime: new Date(place.since).toISOString() }) });
    return pageOf(await this.ask(`${pathOf(threadId)}?${query.toString()}`), (message, version, html) => this.texts.of(`${threadId} ${message}`, version, html));
  }

  async send(threadId: string, text: string): Promise<void> {
    const body = { content: text, type: "text", senderDisplayName: this.name };
    await this.ask(pathOf(threadId), { method: "POST", body });
  }

  async writing(threadId: string): Promise<Permission> {
    const body = await this.ask(`/api/chat/writing/${encodeURIComponent(threadId)}`);
    if (!isRecord(body) || typeof body["allowed"] !== "boolean") {
      throw new ApiError("The server did not say whether you may write.", 200, "notWriting");
    }
    return body["allowed"] ? { allowed: true } : { allowed: false, why: sentence(text(body["why"])) || "You cannot write in this chat." };
  }

  private ask(path: string, call: Call = {}): Promise<unknown> {
    return within(this.requestMs, async (signal) => askJson(path, { ...call, token: await this.token(), signal }));
  }
}

function pathOf(threadId: string): string {
  return `/chat/threads/${encodeURIComponent(threadId)}/messages`;
}

type TextOf = (message: string, version: string, html: string) => string;

export function pageOf(body: unknown, textOf: TextOf = (_message, _version, html) => plainText(html)): ChatPage {
  if (!isRecord(body) || !Array.isArray(body["value"])) {
    throw new ApiError("The server's answer holds no messages.", 200, "notMessages");
  }
  const link = body["nextLink"];
  // Only the place is taken from the link: it may name the server by another origin.
  const next = typeof link === "string" ? (new URLSearchParams(link.split("?")[1] ?? "").get("syncState") ?? undefined) : undefined;
  return { entries: body["value"].map((value: unknown) => entryOf(value, textOf)).filter((entry) => entry !== undefined), next };
}

function entryOf(value: unknown, textOf: TextOf): ChatEntry | undefined {
  if (!isRecord(value) || typeof value["id"] !== "string" || !/^\d{1,16}$/.test(value["id"])) {
    return undefined;
  }
  const id = Number(value["id"]);
  const content = isRecord(value["content"]) ? value["content"] : {};
  const created = Date.parse(text(value["createdOn"]));
  const base = { id, sender: "", name: "", text: "", at: Number.isNaN(created) ? id : created, edited: false, deleted: false };
  switch (value["type"]) {
    case "text":
    case "html": {
      const written = text(content["message"]);
      const sender = isRecord(value["senderCommunicationIdentifier"]) ? text(value["senderCommunicationIdentifier"]["rawId"]) : "";
      return {
        ...base,
        kind: "message",
        sender,
        name: text(value["senderDisplayName"]).trim() || "Somebody without a name",
        text: value["type"] === "html" ? textOf(value["id"], `${text(value["version"])} ${text(value["editedOn"])} ${text(value["deletedOn"])}`, written) : written,
        edited: value["editedOn"] !== undefined,
        deleted: value["deletedOn"] !== undefined,
      };
    }
    case "participantAdded":
    case "participantRemoved": {
      const people: unknown[] = Array.isArray(content["participants"]) ? content["participants"] : [];
      const names = people.map((person) => (isRecord(person) ? text(person["displayName"]).trim() : "") || "Somebody");
      // Who was invited all along comes in together, without a word about each.
      const name = names.length > 3 ? `${String(names.length)} people` : names.join(", ");
      return { ...base, kind: value["type"] === "participantAdded" ? "joined" : "left", name };
    }
    case "topicUpdated":
      return { ...base, kind: "topic", text: text(content["topic"]) };
    default:
      // A kind of a later server.
      return undefined;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** As a sentence: what programs say begins small and has no end. */
function sentence(why: string): string {
  return why === "" ? "" : `${why.charAt(0).toUpperCase()}${why.slice(1)}`.replace(/[.!]?$/, ".");
}
