import { describe, expect, it } from "vitest";
import { exclusiveBy } from "./exclusive";
import { returnToOf } from "./oidc-provider";
import { Session, SignedOutError, type Grant, type Provider } from "./session";

const member = { id: "1", name: "Anna Berg", userName: "anna" };
const grant = (accessToken: string, expires: number): Grant => ({ accessToken, expires, member });

class FakeProvider implements Provider {
  renewals = 0;
  listener: () => void = () => undefined;
  constructor(
    public kept: Grant | undefined,
    private readonly next: Grant | undefined,
  ) {}
  load = () => Promise.resolve(this.kept);
  renew = () => {
    this.renewals += 1;
    this.kept = this.next;
    return Promise.resolve(this.next);
  };
  signIn = () => Promise.resolve();
  complete = () => Promise.resolve({ grant: grant("new", 10_000_000), returnTo: "/admin" });
  signOut = () => Promise.resolve();
  onChange(listener: () => void) {
    this.listener = listener;
  }
}

function sessionOf(provider: FakeProvider, now = 1_000_000) {
  return new Session(provider, exclusiveBy(undefined, "test"), () => now);
}

describe("a token", () => {
  it("is the kept one while it is good", async () => {
    const provider = new FakeProvider(grant("kept", 2_000_000), undefined);
    expect(await sessionOf(provider).token()).toBe("kept");
    expect(provider.renewals).toBe(0);
  });

  it("is renewed shortly before it ends, once for all who ask at the same time", async () => {
    const provider = new FakeProvider(grant("old", 1_060_000), grant("new", 5_000_000));
    const session = sessionOf(provider);
    expect(await Promise.all([session.token(), session.token(), session.token()])).toEqual(["new", "new", "new"]);
    expect(provider.renewals).toBe(1);
  });

  it("signs the person out when the renewal is refused", async () => {
    const provider = new FakeProvider(grant("old", 0), undefined);
    const session = sessionOf(provider);
    await expect(session.token()).rejects.toThrow(SignedOutError);
    expect(session.state.get()).toEqual({ kind: "signedOut" });
  });

  it("is refused when nobody is signed in", async () => {
    await expect(sessionOf(new FakeProvider(undefined, undefined)).token()).rejects.toThrow(SignedOutError);
  });
});

describe("who is signed in", () => {
  it("is taken up from an earlier page", async () => {
    const session = sessionOf(new FakeProvider(grant("kept", 2_000_000), undefined));
    await session.restore();
    expect(session.state.get()).toEqual({ kind: "signedIn", member });
  });

  it("follows another tab that signs out", async () => {
    const provider = new FakeProvider(grant("kept", 2_000_000), undefined);
    const session = sessionOf(provider);
    await session.restore();
    provider.kept = undefined;
    provider.listener();
    await Promise.resolve();
    await Promise.resolve();
    expect(session.state.get()).toEqual({ kind: "signedOut" });
  });

  it("is known after coming back from the provider, and where the person wanted to go", async () => {
    const session = sessionOf(new FakeProvider(undefined, undefined));
    expect(await session.complete()).toBe("/admin");
    expect(session.state.get()).toEqual({ kind: "signedIn", member });
  });
});

describe("the way back after signing in", () => {
  it("is followed within this app", () => {
    expect(returnToOf({ returnTo: "/meet/123?p=4" })).toBe("/meet/123?p=4");
  });

  it("is not followed to another site", () => {
    for (const returnTo of ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1", 5, undefined]) {
      expect(returnToOf({ returnTo })).toBe("/");
    }
    expect(returnToOf(undefined)).toBe("/");
  });
});

it("runs exclusive work one after the other, also after a failure", async () => {
  const exclusive = exclusiveBy(undefined, "test");
  const order: string[] = [];
  const failing = exclusive(async () => {
    await Promise.resolve();
    order.push("first");
    throw new Error("no");
  });
  const second = exclusive(() => {
    order.push("second");
    return Promise.resolve(2);
  });
  await expect(failing).rejects.toThrow("no");
  expect(await second).toBe(2);
  expect(order).toEqual(["first", "second"]);
});
