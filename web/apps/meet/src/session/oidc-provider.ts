import { ErrorResponse, UserManager, WebStorageStateStore, type User } from "oidc-client-ts";
import type { AppConfig } from "../api/config";
import type { Grant, Provider } from "./session";

// The last one opens the admin page, for administrators: every member's token may carry it, and the server asks for both.
const scope = "openid profile offline_access User.Read OnlineMeetings.ReadWrite Teams.ManageCalls Teams.ManageChats Settings.ReadWrite.All";

/** The provider of the own server, spoken to with oidc-client-ts: code flow with PKCE, refresh token, no secret. */
export class OidcProvider implements Provider {
  private readonly manager: UserManager;

  constructor(
    config: AppConfig,
    origin: string,
    private readonly host: Window,
  ) {
    this.manager = new UserManager({
      authority: `${config.authority}/v2.0`,
      client_id: config.clientId,
      redirect_uri: `${origin}/auth/callback`,
      post_logout_redirect_uri: `${origin}/`,
      scope,
      // Kept for all tabs of the browser: a join link usually opens in a new one.
      userStore: new WebStorageStateStore({ store: host.localStorage }),
      automaticSilentRenew: false,
      loadUserInfo: false,
      monitorSession: false,
    });
  }

  async load(): Promise<Grant | undefined> {
    return grantOf(await this.manager.getUser());
  }

  async renew(): Promise<Grant | undefined> {
    try {
      const before = await this.manager.getUser();
      if (before?.refresh_token === undefined) {
        await this.manager.removeUser();
        return undefined;
      }
      return grantOf(await this.manager.signinSilent());
    } catch (error) {
      if (error instanceof ErrorResponse) {
        await this.manager.removeUser();
        return undefined;
      }
      throw new Error("Your sign-in could not be renewed: the server cannot be reached.", { cause: error });
    }
  }

  signIn(returnTo: string): Promise<void> {
    return this.manager.signinRedirect({ state: { returnTo } });
  }

  async complete(): Promise<{ grant: Grant; returnTo: string }> {
    const user = await this.manager.signinRedirectCallback();
    const grant = grantOf(user);
    if (grant === undefined) {
      throw new Error("The sign-in brought no access token.");
    }
    return { grant, returnTo: returnToOf(user.state) };
  }

  async signOut(): Promise<void> {
    try {
      await this.manager.signoutRedirect();
    } catch {
      // No provider to tell: what this browser keeps is forgotten all the same.
      await this.manager.removeUser();
    }
  }

  onChange(listener: () => void): void {
    this.host.addEventListener("storage", (event) => {
      if (event.key === null || event.key.startsWith("oidc.user:")) {
        listener();
      }
    });
  }
}

/** Only a path of this app is followed after signing in. */
export function returnToOf(state: unknown): string {
  const target = typeof state === "object" && state !== null ? (state as { returnTo?: unknown }).returnTo : undefined;
  return typeof target === "string" && /^\/(?![/\\])/.test(target) ? target : "/";
}

function grantOf(user: User | null | undefined): Grant | undefined {
  if (user === null || user === undefined || user.access_token === "") {
    return undefined;
  }
  const { profile } = user;
  const oid = profile["oid"];
  const userName = profile.preferred_username ?? "";
  return {
    accessToken: user.access_token,
    expires: (user.expires_at ?? 0) * 1000,
    member: { id: typeof oid === "string" ? oid : profile.sub, name: profile.name ?? userName, userName },
  };
}
