// Reads the claims of an access token that concern the SDK. Nothing here verifies a token; the server does.

/** What the SDK reads from an access token. */
export interface TokenClaims {
  /** WebSocket URL of the server. */
  readonly signalUrl: string | undefined;
  /** When it ends, in milliseconds since 1970. */
  readonly expiresMs: number | undefined;
}

/** Reads the payload of a JWT, or gives nothing when it is none. */
export function readToken(token: string): TokenClaims | undefined {
  const payload = token.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    const base64 = payload.replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof claims !== 'object' || claims === null) return undefined;
    const { anteroomSignal: url, exp } = claims as Record<string, unknown>;
    return {
      signalUrl: typeof url === 'string' && /^wss?:\/\//.test(url) ? url : undefined,
      expiresMs: typeof exp === 'number' && Number.isFinite(exp) ? exp * 1_000 : undefined,
    };
  } catch {
    return undefined;
  }
}
