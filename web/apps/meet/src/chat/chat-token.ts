import { ApiError, askJson, isRecord, within } from "../api/http";

/** Before the token ends. Less than the margin of the session, so that the access token which is exchanged has been renewed by then. */
const margin = 60_000;
/** For one exchange; one that hangs is not waited for by whoever asks later. */
const longestMs = 15_000;

/**
 * A member's token for chats, kept in memory until it ends. Invariant: however many ask at the same time, one exchange runs. Kept by
 * `chat-server.test.ts`.
 */
export class MemberChatToken {
  private kept: { token: string; expires: number } | undefined;
  private running: Promise<string> | undefined;

  constructor(
    private readonly accessToken: () => Promise<string>,
    private readonly now: () => number,
    private readonly requestMs = longestMs,
  ) {}

  readonly token = async (): Promise<string> => {
    if (this.kept !== undefined && this.kept.expires - margin > this.now()) {
      return this.kept.token;
    }
    this.running ??= this.exchange().finally(() => {
      this.running = undefined;
    });
    return this.running;
  };

  private async exchange(): Promise<string> {
    let body: unknown;
    try {
      body = await within(this.requestMs, async (signal) => askJson("/api/chat/token", { method: "POST", body: {}, token: await this.accessToken(), signal }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 403) {
        // Signed in before the page asked for chats.
        throw new ApiError("Sign out and in again to use the chat.", error.status, error.code);
      }
      throw error;
    }
    const expires = isRecord(body) && typeof body["expiresOn"] === "string" ? Date.parse(body["expiresOn"]) : Number.NaN;
    if (!isRecord(body) || typeof body["token"] !== "string" || Number.isNaN(expires)) {
      throw new ApiError("The server did not give a token for the chat.", 200, "noToken");
    }
    this.kept = { token: body["token"], expires };
    return body["token"];
  }
}
