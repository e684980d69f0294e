/** Raw id of the identity that an access token belongs to, from its claim `skypeid`. The server decides by the token itself. */
export function identityOf(token: string): string | undefined {
  try {
    const payload = token.split(".")[1] ?? "";
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { skypeid?: unknown };
    return typeof claims.skypeid === "string" ? `8:${claims.skypeid}` : undefined;
  } catch {
    return undefined;
  }
}
