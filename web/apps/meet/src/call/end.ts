import type { CallEndReason } from "@anteroom/calling";

/** What the last page of a call says. */
export interface EndView {
  title: string;
  /** One or two sentences; empty when the title says all. */
  detail: string;
  /** Who can change it; empty when there is nothing to change. */
  help: string;
  canRejoin: boolean;
  /** Machine-readable, for support: `code/subCode`. */
  reference: string;
}

/** How to read an end by its subcode; the rest is told by what the server says. */
const known: Partial<Record<number, { title: string; canRejoin: boolean }>> = {
  4097: { title: "The meeting has ended", canRejoin: false },
  5300: { title: "You were removed from the meeting", canRejoin: false },
  5751: { title: "Meeting ID or passcode wrong", canRejoin: true },
  5854: { title: "You were not admitted", canRejoin: false },
  5855: { title: "Nobody let you in", canRejoin: true },
  5901: { title: "You joined somewhere else", canRejoin: true },
  5902: { title: "This meeting does not exist", canRejoin: false },
  5912: { title: "You cannot come back to this meeting", canRejoin: false },
  5913: { title: "You cannot ask again", canRejoin: false },
  5914: { title: "This meeting is over", canRejoin: false },
  5915: { title: "This meeting has expired", canRejoin: false },
  5916: { title: "This meeting is locked", canRejoin: true },
};

const helpers: Record<NonNullable<CallEndReason["fixableBy"]>, string> = {
  you: "",
  organizer: "The organizer of the meeting can change this.",
  administrator: "An administrator of the organisation can change this.",
  application: "The people who run this page can change this.",
  operator: "The people who run the server can change this.",
  nobody: "",
};

export function endOf(reason: CallEndReason | undefined, wasInside: boolean, endedForAll = false): EndView {
  const { code = 0, subCode = 0, message = "", fixableBy } = reason ?? {};
  const reference = `${String(code)}/${String(subCode)}`;
  if (code === 0 && subCode === 0) {
    if (endedForAll) {
      return { title: "You ended the meeting for everybody", detail: "Nobody is in it any more.", help: "", canRejoin: false, reference };
    }
    return { title: "You left the meeting", detail: "", help: "", canRejoin: true, reference };
  }
  const row = known[subCode];
  const fallback = code === 0 ? "The meeting is over for you" : wasInside ? "The meeting was interrupted" : "You could not join";
  const title = row?.title ?? fallback;
  return {
    title,
    detail: sameText(message, title) ? "" : message,
    help: fixableBy === undefined ? "" : helpers[fixableBy],
    canRejoin: row?.canRejoin ?? true,
    reference,
  };
}

function sameText(a: string, b: string): boolean {
  return a.replace(/[.\s]+$/, "").toLowerCase() === b.toLowerCase();
}
