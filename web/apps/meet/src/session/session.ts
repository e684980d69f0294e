/**
 * The member's sign-in: who is signed in, and an access token when one is needed.
 * Invariants: only one tab at a time uses the refresh token (the provider takes a second use for theft), so renewal runs under a lock
 * that all tabs share; a refused renewal signs out. Kept by `session.test.ts`.
 */
import { Store, type Readable } from "../base/store";

/** The person who is signed in. */
export interface Member {
  id: string;
  name: string;
  userName: string;
}

export type SessionState = { kind: "signedOut" } | { kind: "signedIn"; member: Member };

/** What is kept of a sign-in. */
export interface Grant {
  accessToken: string;
  /** Milliseconds since the epoch. */
  expires: number;
  member: Member;
}

/** The OpenID client, as far as the session needs it. */
export interface Provider {
  /** What is kept from before, by this tab or another one. */
  load(): Promise<Grant | undefined>;
  /** Uses the refresh token. Nothing: it was refused, and nothing is kept any more. */
  renew(): Promise<Grant | undefined>;
  signIn(returnTo: string): Promise<void>;
  /** Ends a redirect to the provider; says where the person wanted to go. */
  complete(): Promise<{ grant: Grant; returnTo: string }>;
  signOut(): Promise<void>;
  /** Another tab signed in or out. */
  onChange(listener: () => void): void;
}

/** Runs one renewal at a time over all tabs. */
export type Exclusive = <T>(work: () => Promise<T>) => Promise<T>;

/** Thrown when a token is needed and nobody is signed in. */
export class SignedOutError extends Error {
  override readonly name = "SignedOutError";

  constructor() {
    super("You are signed out. Sign in again.");
  }
}

const margin = 2 * 60_000;

export class Session {
  private readonly store = new Store<SessionState>({ kind: "signedOut" });

  constructor(
    private readonly provider: Provider,
    private readonly exclusive: Exclusive,
    private readonly now: () => number,
  ) {
    provider.onChange(() => void this.restore());
  }

  get state(): Readable<SessionState> {
    return this.store;
  }

  /** Takes up what an earlier page kept. */
  async restore(): Promise<void> {
    const grant = await this.provider.load();
    if (grant !== undefined && grant.expires <= this.now()) {
      await this.grant().catch(() => undefined);
    } else {
      this.show(grant);
    }
  }

  signIn(returnTo: string): Promise<void> {
    return this.provider.signIn(returnTo);
  }

  async complete(): Promise<string> {
    const { grant, returnTo } = await this.provider.complete();
    this.show(grant);
    return returnTo;
  }

  async signOut(): Promise<void> {
    this.store.set({ kind: "signedOut" });
    await this.provider.signOut();
  }

  /** A usable access token. */
  readonly token = async (): Promise<string> => (await this.grant()).accessToken;

  /** A usable access token and when it expires. */
  readonly grant = async (): Promise<Grant> => {
    const kept = await this.provider.load();
    if (kept === undefined) {
      this.show(undefined);
      throw new SignedOutError();
    }
    if (this.fresh(kept)) {
      return kept;
    }
    const renewed = await this.exclusive(async () => {
      // Another tab may have renewed while this one waited.
      const current = await this.provider.load();
      return current !== undefined && this.fresh(current) ? current : this.provider.renew();
    });
    this.show(renewed);
    if (renewed === undefined) {
      throw new SignedOutError();
    }
    return renewed;
  };

  private fresh(grant: Grant): boolean {
    return grant.expires - margin > this.now();
  }

  private show(grant: Grant | undefined): void {
    const current = this.store.get();
    if (grant === undefined) {
      if (current.kind !== "signedOut") {
        this.store.set({ kind: "signedOut" });
      }
    } else if (current.kind !== "signedIn" || current.member.id !== grant.member.id || current.member.name !== grant.member.name) {
      this.store.set({ kind: "signedIn", member: grant.member });
    }
  }
}
