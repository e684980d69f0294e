import { isRecord } from "../api/http";

export interface IdAndPasscode {
  meetingId: string;
  passcode: string;
}

/** Reads what the form or a history entry holds; spaces and dashes between digits are fine. */
export function meetingIdOf(value: unknown): IdAndPasscode | undefined {
  if (!isRecord(value) || typeof value["meetingId"] !== "string") {
    return undefined;
  }
  const meetingId = value["meetingId"].replace(/[\s-]+/g, "");
  const passcode = typeof value["passcode"] === "string" ? value["passcode"].trim() : "";
  return /^\d{6,20}$/.test(meetingId) ? { meetingId, passcode } : undefined;
}
