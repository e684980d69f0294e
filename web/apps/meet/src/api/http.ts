/** A request that the server refused or that did not reach it. `message` is a sentence for a person. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    message: string,
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    /** Error code of the body, when it has one. */
    readonly code: string,
  ) {
    super(message);
  }
}

/** What a request carries beside its address. */
export interface Call {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  body?: unknown;
  token?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Asks the own server for JSON. An empty answer is `undefined`. */
export async function askJson(path: string, call: Call = {}): Promise<unknown> {
  const headers: Record<string, string> = { accept: "application/json", ...call.headers };
  if (call.body !== undefined) {
    headers["content-type"] = "application/json";
  }
  if (call.token !== undefined) {
    headers["authorization"] = `Bearer ${call.token}`;
  }
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method: call.method ?? "GET",
      headers,
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
    text = await response.text();
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") {
      throw cause;
    }
    throw new ApiError("The server cannot be reached. Check your connection and try again.", 0, "unreachable");
  }
  const body = parse(text);
  if (!response.ok) {
    const error = errorOf(body);
    throw new ApiError(error.message ?? sentenceFor(response.status), response.status, error.code ?? "");
  }
  if (text !== "" && body === undefined) {
    throw new ApiError("The server answered with something that is not JSON.", response.status, "notJson");
  }
  return body;
}

/** Work that fails when it is not done in time, whatever it waits for. The signal says so to whom it can be said. */
export async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(ms);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => {
      reject(new ApiError("The server does not answer. Check your connection and try again.", 0, "late"));
    });
  });
  return Promise.race([late, work(signal)]);
}

/** The sentence to show for anything that was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error && error.message !== "" ? error.message : "Something went wrong. Try again.";
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function errorOf(body: unknown): { code?: string; message?: string } {
  const error = isRecord(body) && isRecord(body["error"]) ? body["error"] : isRecord(body) ? body : {};
  const { code, message } = error;
  return {
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof message === "string" && message !== "" ? { message } : {}),
  };
}

function sentenceFor(status: number): string {
  switch (status) {
    case 401:
      return "Your sign-in has expired. Sign in again.";
    case 403:
      return "You are not allowed to do this.";
    case 404:
      return "This does not exist, or no longer exists.";
    case 429:
      return "Too many attempts. Wait a moment and try again.";
    default:
      return status >= 500 ? "The server had a problem. Try again in a moment." : `The server refused the request (${status}).`;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
