import { ApiError, askJson, isRecord } from "./http";

/** Access token of an anonymous person of the join page. */
export interface VisitorToken {
  token: string;
  /** When it expires, milliseconds since the epoch. */
  expires: number;
}

const kept = "anteroom.visitor";
const margin = 5 * 60_000;

/**
 * The visitor's token. It is kept for the tab, so that reloading the page comes back as the same person and replaces the lost session
 * instead of standing in the meeting twice; another tab is another person.
 */
export async function visitorToken(storage: Storage, now: () => number): Promise<VisitorToken> {
  const last = read(storage.getItem(kept));
  if (last !== undefined && last.expires - margin > now()) {
    return last;
  }
  const body = await askJson("/api/visitor/token", { method: "POST", body: {} });
  const token = tokenOf(body);
  if (token === undefined) {
    throw new ApiError("The server did not give an access token.", 200, "noToken");
  }
  storage.setItem(kept, JSON.stringify({ token: token.token, expiresOn: new Date(token.expires).toISOString() }));
  return token;
}

/** The server no longer accepts the kept token. */
export function forgetVisitor(storage: Storage): void {
  storage.removeItem(kept);
}

function read(text: string | null): VisitorToken | undefined {
  try {
    return text === null ? undefined : tokenOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function tokenOf(body: unknown): VisitorToken | undefined {
  if (!isRecord(body) || typeof body["token"] !== "string") {
    return undefined;
  }
  const { expiresOn } = body;
  const expires = typeof expiresOn === "string" ? Date.parse(expiresOn) : typeof expiresOn === "number" ? expiresOn : Number.NaN;
  return Number.isNaN(expires) ? undefined : { token: body["token"], expires };
}
