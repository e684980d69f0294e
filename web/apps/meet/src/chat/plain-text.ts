/**
 * The text of a message that somebody sent as HTML. The page shows it as text and makes no element of it, so what this leaves over can look odd but
 * cannot do anything.
 */

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

export function plainText(html: string): string {
  return html
    .replace(/<(script|style|title)\b[^>]*>[\s\S]*?(<\/\1\s*>|$)/gi, "")
    .replace(/<!--[\s\S]*?(-->|$)/g, "")
    .replace(/<br\b[^>]*>|<\/(p|div|li|tr|h[1-6]|blockquote|pre)\s*>/gi, "\n")
    .replace(/<\/?[a-z][^>]*>/gi, "")
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal?: string, hex?: string, name?: string) =>
      name !== undefined ? (named[name.toLowerCase()] ?? whole) : character(decimal === undefined ? parseInt(hex ?? "", 16) : parseInt(decimal, 10), whole),
    )
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function character(code: number, otherwise: string): string {
  const printable = code === 9 || code === 10 || (code >= 32 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff));
  return printable ? String.fromCodePoint(code) : otherwise;
}
