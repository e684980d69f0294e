/**
 * The text of a message that somebody sent as HTML. The page shows it as text and makes no element of it, so what this leaves over can look odd but
 * cannot do anything.
 * Invariant: time grows with the length, since no expression reads over the next `<` before it is sure of its end. Kept by `plain-text.test.ts`.
 */

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

export function plainText(html: string): string {
  return html
    .replace(/<(script|style|title)\b[^<>]*>[\s\S]*?(<\/\1\s*>|$)/gi, "")
    .replace(/<!--[\s\S]*?(-->|$)/g, "")
    .replace(/<br\b[^<>]*>|<\/(p|div|li|tr|h[1-6]|blockquote|pre)\s*>/gi, "\n")
    .replace(/<\/?[a-z][^<>]*>/gi, "")
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal?: string, hex?: string, name?: string) =>
      name !== undefined ? (named[name.toLowerCase()] ?? whole) : character(decimal === undefined ? parseInt(hex ?? "", 16) : parseInt(decimal, 10), whole),
    )
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** As many as the page shows of a chat; the oldest go first. */
const most = 1000;

/** The texts of messages that were read before, so that each is made once and not with every page that has it. */
export class PlainTexts {
  private readonly known = new Map<string, { version: string; text: string }>();

  constructor(private readonly make: (html: string) => string = plainText) {}

  /** `version` changes with each edit. */
  of(message: string, version: string, html: string): string {
    const before = this.known.get(message);
    if (before?.version === version) {
      return before.text;
    }
    const text = this.make(html);
    this.known.delete(message);
    this.known.set(message, { version, text });
    if (this.known.size > most) {
      this.known.delete(this.known.keys().next().value ?? "");
    }
    return text;
  }
}

/** The beginning of a text that is long or has many lines; nothing when it is neither. Cuts no character in two. */
export function beginning(text: string, characters: number, lines: number): string | undefined {
  let end = Math.min(text.length, characters);
  for (let at = -1, line = 0; line < lines; line += 1) {
    at = text.indexOf("\n", at + 1);
    if (at === -1 || at >= end) {
      break;
    }
    if (line === lines - 1) {
      end = at;
    }
  }
  if (end === text.length) {
    return undefined;
  }
  const last = text.charCodeAt(end - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end);
}

function character(code: number, otherwise: string): string {
  const printable = code === 9 || code === 10 || (code >= 32 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff));
  return printable ? String.fromCodePoint(code) : otherwise;
}
